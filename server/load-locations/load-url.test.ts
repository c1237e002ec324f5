import { mkdtemp, readFile, rm } from 'node:fs/promises'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { writeSelfSignedCertificate } from '@/testing/processes/self-signed-certificate'
import { loadHostsSchema } from '@/server/config/load-hosts'
import { mightBeSameVersion, openUrl, requireLoadUrl, urlFileName, urlVersionText, type UrlServices } from './load-url'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let answer: Answer
const requested: string[] = []
const server = http.createServer((request, response) => {
  requested.push(`${request.method} ${request.headers.host}${request.url}`)
  answer(request, response)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo
afterAll(() => server.close())
beforeEach(() => {
  requested.length = 0
  answer = (_request, response) => response.end('id\n1\n')
})

const { signal } = new AbortController()
const local = `http://127.0.0.1:${port}`

/** The test's server is inside the network, so only the private list allows it. */
function servicesOf({ hosts = '', privateHosts = local, maxBytes = 1000 } = {}): UrlServices {
  const loadHosts = [
    ...loadHostsSchema({ isPrivate: true }).parse(privateHosts),
    ...loadHostsSchema({ isPrivate: false }).parse(hosts),
  ]
  return { config: { loadHosts, uploads: { maxBytes, maxUserBytes: maxBytes, lifeMs: 1 } } }
}

async function fetchText(url: string, services = servicesOf()): Promise<string> {
  const opened = await openUrl(services, requireLoadUrl(services.config.loadHosts, url), { signal })
  const parts: Uint8Array[] = []
  for await (const part of opened.stream()) parts.push(part)
  return Buffer.concat(parts).toString()
}

const refused = expect.objectContaining({ code: 'location-refused' })

describe('A file of a URL', () => {
  it('is fetched from an allowed host, also after redirects between allowed ones', async () => {
    answer = ({ url }, response) => {
      if (url === '/old?a=1') response.writeHead(302, { location: '/new' }).end('moved')
      else if (url === '/new') response.writeHead(307, { location: `${local}/last` }).end()
      else response.end('id\n7\n')
    }
    expect(await fetchText(`${local}/old?a=1#part`)).toBe('id\n7\n')
    expect(requested).toEqual(['/old?a=1', '/new', '/last'].map((path) => `GET 127.0.0.1:${port}${path}`))
  })

  it('is not fetched after more than five redirects', async () => {
    answer = ({ url }, response) => response.writeHead(302, { location: `${url}x` }).end()
    await expect(fetchText(`${local}/`)).rejects.toMatchObject({ code: 'invalid-request' })
    expect(requested).toHaveLength(6)
  })

  it('has a version, which changes with what the server says', async () => {
    const versions = new Set<string>()
    for (const headers of [
      {},
      { etag: '"a"' },
      { etag: '"b"' },
      { 'last-modified': 'Fri, 01 May 2026 00:00:00 GMT' },
    ]) {
      answer = (_request, response) => response.writeHead(200, { 'content-length': 5, ...headers }).end('id\n1\n')
      const opened = await openUrl(servicesOf(), new URL(`${local}/a.csv`), { signal })
      versions.add(urlVersionText(opened.version))
      expect(opened.version.sizeBytes).toBe(5)
      opened.close()
    }
    expect(versions.size).toBe(4)
  })

  it('is not decompressed on the way', async () => {
    let encoding: string | undefined
    const bytes = gzipSync('id\n1\n')
    answer = ({ headers }, response) => {
      encoding = String(headers['accept-encoding'])
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes)
    }
    const opened = await openUrl(servicesOf(), new URL(`${local}/a.csv`), { signal })
    const parts: Uint8Array[] = []
    for await (const part of opened.stream()) parts.push(part)
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
    expect(encoding).toBe('identity')
    answer = (_request, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x')
    await expect(fetchText(`${local}/a.csv`)).rejects.toMatchObject({ code: 'not-supported' })
  })

  it('that ends too early, or is too large, is refused', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('id\n')
      setTimeout(() => response.destroy(), 10)
    }
    await expect(fetchText(`${local}/a.csv`)).rejects.toMatchObject({
      code: 'storage-unavailable',
      message: `127.0.0.1:${port} did not send all of a.csv. Nothing was loaded.`,
    })
    for (const headers of [{ 'content-length': 2000 }, {}]) {
      answer = (_request, response) => response.writeHead(200, headers).end('x'.repeat(2000))
      await expect(fetchText(`${local}/a.csv`)).rejects.toMatchObject({ code: 'too-large' })
    }
  })

  it.each([
    [404, 'file-missing'],
    [410, 'file-missing'],
    [401, 'invalid-request'],
    [206, 'invalid-request'],
    [304, 'invalid-request'],
    [503, 'storage-unavailable'],
  ])('is not what a server sends with the status %d', async (status, code) => {
    answer = (_request, response) => response.writeHead(status).end('x')
    await expect(fetchText(`${local}/a.csv?token=secret`)).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining('secret'),
    })
  })

  it('of a server that cannot be reached is an expected error', async () => {
    const services = servicesOf({ privateHosts: 'http://127.0.0.1:1' })
    await expect(fetchText('http://127.0.0.1:1/a.csv', services)).rejects.toMatchObject({ code: 'storage-unavailable' })
  })
})

it('A file is not fetched from a server without a trusted certificate', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'lakeshore-url-'))
  const { cert, key } = await writeSelfSignedCertificate(folder)
  let wasRequested = false
  const secure = https.createServer({ cert: await readFile(cert), key: await readFile(key) }, (_request, response) => {
    wasRequested = true
    response.end('id\n')
  })
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
  try {
    const text = `https://localhost:${(secure.address() as AddressInfo).port}`
    const services = servicesOf({ privateHosts: text })
    await expect(fetchText(`${text}/a.csv`, services)).rejects.toMatchObject({ code: 'storage-unavailable' })
    expect(wasRequested).toBe(false)
  } finally {
    secure.close()
    await rm(folder, { recursive: true })
  }
})

describe('A URL that leads elsewhere', () => {
  it.each([
    'https://other.example/a.csv',
    'http://127.0.0.1/a.csv',
    'http://[::1]/a.csv',
    'http://[::ffff:127.0.0.1]/a.csv',
    'http://localhost/a.csv',
    'file:///etc/passwd',
    'ftp://127.0.0.1/a.csv',
    'https://127.0.0.1/a.csv',
  ])('is refused before a request: %s', async (url) => {
    await expect(fetchText(url)).rejects.toEqual(refused)
    expect(requested).toEqual([])
  })

  it('is refused with a user name or a password', async () => {
    for (const user of ['ada', 'ada:pw', ':pw'])
      await expect(fetchText(`http://${user}@127.0.0.1:${port}/a.csv`)).rejects.toMatchObject({
        code: 'invalid-request',
        message: expect.not.stringContaining('pw@'),
      })
    await expect(fetchText('no url')).rejects.toMatchObject({ code: 'invalid-request' })
    expect(requested).toEqual([])
  })

  it.each(['http://localhost:PORT', 'http://127.0.0.1:PORT', 'http://[::1]:PORT', 'http://[::ffff:7f00:1]:PORT'])(
    'is refused where the operator allows the host but not its private address: %s',
    async (text) => {
      const url = text.replace('PORT', String(port))
      const services = servicesOf({ hosts: url, privateHosts: '' })
      await expect(fetchText(`${url}/a.csv`, services)).rejects.toMatchObject({ code: 'forbidden' })
      expect(requested).toEqual([])
    },
  )

  it('is refused for the metadata service of a cloud, even if the operator lists it', async () => {
    const services = servicesOf({ privateHosts: 'http://169.254.169.254' })
    await expect(fetchText('http://169.254.169.254/latest', services)).rejects.toMatchObject({ code: 'forbidden' })
  })

  it.each([
    ['http://localhost:PORT/secret', 'location-refused'],
    ['http://127.0.0.1:1/secret', 'location-refused'],
    ['https://127.0.0.1:PORT/secret', 'location-refused'],
    ['http://[::1]:PORT/secret', 'location-refused'],
    ['http://169.254.169.254/latest', 'location-refused'],
    ['file:///etc/passwd', 'location-refused'],
    ['http://ada:pw@127.0.0.1:PORT/secret', 'invalid-request'],
    ['http://[', 'invalid-request'],
  ])('is not followed as a redirect: %s', async (text, code) => {
    const location = text.replace('PORT', String(port))
    answer = (_request, response) => response.writeHead(302, { location }).end()
    await expect(fetchText(`${local}/a.csv`)).rejects.toMatchObject({ code })
    expect(requested).toHaveLength(1)
  })

  it('is not followed from a private host to a name with a private address', async () => {
    answer = (_request, response) => response.writeHead(302, { location: `http://localhost:${port}/secret` }).end()
    const services = servicesOf({ hosts: `http://localhost:${port}` })
    await expect(fetchText(`${local}/a.csv`, services)).rejects.toMatchObject({ code: 'forbidden' })
    expect(requested).toHaveLength(1)
  })
})

it.each([
  ['https://a.example/in/May%202026.csv?x=/y.json', 'May 2026.csv'],
  ['https://a.example/', 'a.example'],
  ['https://a.example/a%2F..%2Fb%00.csv', 'a_.._b_.csv'],
  ['https://a.example/100%.csv', '100%.csv'],
])('The file of %s is called %s', (url, name) => {
  expect(urlFileName(new URL(url))).toBe(name)
})

it.each([
  [{ etag: '"a"', sizeBytes: 5 }, { etag: '"a"', sizeBytes: 0 }, true],
  [{ etag: '"a"' }, { etag: '"b"' }, false],
  [{ etag: '"a"', lastModified: 'x' }, { lastModified: 'x' }, true],
  [{ lastModified: 'x' }, { lastModified: 'y' }, false],
  [{ sizeBytes: 5 }, { sizeBytes: 6 }, false],
  [{ sizeBytes: 5 }, {}, true],
])('%j and %j can be the same version: %j', (one, other, isSame) => {
  const nothing = { etag: null, lastModified: null, sizeBytes: null }
  expect(mightBeSameVersion({ ...nothing, ...one }, { ...nothing, ...other })).toBe(isSame)
})
