import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problem } from '@/lib/contract/shapes/problem'
import { loadRouteHandler, installTestProgram } from '@/testing/http/route-handler'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { readFileBytes } from '@/lib/contract/table/files-bytes'
import { addDeleteFiles } from '@/testing/catalogs/add-delete-files'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { createTableOfFiles, type TableOfFiles } from '@/testing/catalogs/table-of-files'
import { serveDirectly, redactedPath } from './serve-directly'

const home = createTestHome()

const BYTES = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => (i * 7) % 251))
let server: Server
let reader: SignedInUser
let table: TableOfFiles
let failures: unknown[] = []

beforeAll(async () => {
  reader = await signInAs(home.services, 'viewer')
  const folder = path.join(home.config.warehouse.slice('file://'.length), 'demo', 't', 'data')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'f.parquet'), BYTES)
  writeFileSync(path.join(folder, 'empty.parquet'), '')
  const locations = NAMES.map((name) => `${home.config.warehouse}/demo/t/data/${name}`)
  table = await createTableOfFiles(home.services, 't', locations)
  const deletes = sampleDataFile(`${home.config.warehouse}/demo/t/data/f.parquet`, { content: 'position-deletes' })
  await addDeleteFiles(home.services, table.identifier, [deletes])
  server = createServer((incoming, response) => {
    const reply = serveDirectly(installTestProgram(home.services), incoming, response)
    if (reply === null) response.writeHead(299).end('of Next')
    reply?.catch((error: unknown) => {
      failures.push(error)
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

type Reply = { status: number; headers: IncomingHttpHeaders; body: Buffer }

/** Sends the address unchanged: `fetch` would normalize it. */
function sendRequest(method: string, address: string, headers: Record<string, string> = {}): Promise<Reply> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, method, path: address, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
      })
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

const NAMES = ['f.parquet', 'empty.parquet', 'gone.parquet']
const token = () => table.signToken(reader.userId)
const file = (name = 'f.parquet') => `/api/v1/scans/${token()}/files/${NAMES.indexOf(name)}`
const signedIn = () => ({ cookie: reader.cookie })
const sha = (data: Buffer) => createHash('sha256').update(data).digest('hex')

describe('The bytes of a file', () => {
  it('are sent whole, with their length', async () => {
    const { status, headers, body } = await sendRequest('GET', file(), signedIn())
    expect([status, headers['content-length'], headers['transfer-encoding']]).toEqual([200, '1000000', undefined])
    expect(sha(body)).toBe(sha(BYTES))
  })

  it('are sent in ranges, with the length and position of each', async () => {
    const { status, headers, body } = await sendRequest('GET', file(), { ...signedIn(), range: 'bytes=500000-999999' })
    expect([status, headers['content-length'], headers['content-range']]).toEqual([
      206,
      '500000',
      'bytes 500000-999999/1000000',
    ])
    expect(sha(body)).toBe(sha(BYTES.subarray(500_000)))
    const behind = await sendRequest('GET', file(), { ...signedIn(), range: 'bytes=1000000-' })
    expect([behind.status, behind.headers['content-range']]).toEqual([416, 'bytes */1000000'])
    expect(Number(behind.headers['content-length'])).toBe(behind.body.length)
  })

  it('are not sent for HEAD, which has the headers of GET and no body', async () => {
    for (const range of [{}, { range: 'bytes=10-19' }]) {
      const [whole, head] = [
        await sendRequest('GET', file(), { ...signedIn(), ...range, 'x-request-id': 'r' }),
        await sendRequest('HEAD', file(), { ...signedIn(), ...range, 'x-request-id': 'r' }),
      ]
      expect(head.body).toHaveLength(0)
      expect(head.status).toBe(whole.status)
      expect({ ...head.headers, date: '' }).toEqual({ ...whole.headers, date: '' })
    }
  })

  it('are sent for delete files, too', async () => {
    const address = file().replace('/files/', '/deletes/')
    const { status, headers, body } = await sendRequest('GET', address, { ...signedIn(), range: 'bytes=10-19' })
    expect([status, headers['content-length'], body]).toEqual([206, '10', BYTES.subarray(10, 20)])
    expect((await sendRequest('GET', address)).status).toBe(401)
    expect((await sendRequest('GET', address.replace(/0$/, '1'), signedIn())).status).toBe(404)
  })

  it('may be empty', async () => {
    const { status, headers, body } = await sendRequest('GET', file('empty.parquet'), signedIn())
    expect([status, headers['content-length'], body.length]).toEqual([200, '0', 0])
  })

  it('are not sent again to a browser that has cached them', async () => {
    const { headers } = await sendRequest('GET', file(), signedIn())
    const again = await sendRequest('GET', file(), { ...signedIn(), 'if-none-match': headers.etag ?? '' })
    expect([again.status, again.body.length, again.headers['content-length']]).toEqual([304, 0, undefined])
  })

  it('are sent only to the signed-in user, and refused as by the route', async () => {
    const admin = await signInAs(home.services, 'admin')
    for (const headers of [{}, { cookie: admin.cookie }, { authorization: 'Bearer x' }]) {
      const reply = await sendRequest('GET', file(), headers)
      const route = await loadRouteHandler(home.services, readFileBytes)
      const byRoute = await route(new Request('http://test/x', { headers: headers as Record<string, string> }), {
        params: Promise.resolve({ token: token(), index: '0' }),
      })
      expect(reply.status).toBe(byRoute.status)
      expect(problem.parse(JSON.parse(reply.body.toString())).code).toBe(problem.parse(await byRoute.json()).code)
      expect(reply.headers['content-type']).toBe('application/problem+json')
      expect(Number(reply.headers['content-length'])).toBe(reply.body.length)
    }
    const gone = await sendRequest('HEAD', file('gone.parquet'), signedIn())
    expect([gone.status, gone.body.length]).toEqual([422, 0])
  })

  it('and every refusal have the headers that keep other sites out', async () => {
    for (const headers of [signedIn(), {}]) {
      expect((await sendRequest('GET', file(), headers)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-resource-policy': 'same-origin',
      })
    }
  })

  it('are not read further when the client leaves, which is not logged as a failure', async () => {
    const { port } = server.address() as AddressInfo
    await new Promise<void>((resolve) => {
      const outgoing = request({ port, path: file(), headers: signedIn(), agent: false }, (response) => {
        response.once('data', () => {
          outgoing.destroy()
          resolve()
        })
      })
      outgoing.on('error', () => {})
      outgoing.end()
    })
    expect((await sendRequest('GET', file(), signedIn())).body).toHaveLength(BYTES.length)
    expect(failures).toEqual([])
  })
})

describe('An address', () => {
  it('is logged without its query and without the token of a scan', () => {
    expect(redactedPath(`${file()}?a=b`)).toBe('/api/v1/scans/[redacted]/files/0')
    expect(redactedPath(`/api/v1/scans/${token()}/null-shares`)).toBe('/api/v1/scans/[redacted]/null-shares')
    expect(redactedPath(`/api/v1/scans/${token()}`)).toBe('/api/v1/scans/[redacted]')
    expect(redactedPath('/iceberg/v1/config?warehouse=local')).toBe('/iceberg/v1/config')
  })

  it.each([
    '/api/%zz',
    '/api/v1/scans/%/files/0',
    '/api/v1/scans/a/files/%',
    '/api/v1/catalogs/%C3%28/namespaces',
    '/api/v1/catalogs/%E0%A4%A/namespaces?x=%20',
    '/apis/%zz',
    '/%zz',
  ])('with an invalid percent sequence is a problem: %s', async (address) => {
    for (const method of ['GET', 'POST', 'DELETE', 'TRACE']) {
      const reply = await sendRequest(method, address)
      expect([reply.status, reply.headers['content-type']]).toEqual([400, 'application/problem+json'])
      expect(problem.parse(JSON.parse(reply.body.toString()))).toMatchObject({ code: 'invalid-request', status: 400 })
    }
  })

  it.each(['/iceberg/v1/%zz', '/iceberg/v1/local/namespaces/%C3%28', '/iceberg/%'])(
    'of the REST catalog with an invalid percent sequence gets an error in its own format: %s',
    async (address) => {
      const reply = await sendRequest('GET', address)
      expect(reply.status).toBe(400)
      expect(JSON.parse(reply.body.toString())).toMatchObject({ error: { code: 400, type: 'BadRequestException' } })
    },
  )

  it.each([
    ['GET', '/'],
    ['GET', '/api/v1/session?next=%zz'],
    ['GET', '/api/v1/scans/'],
    ['GET', '/api/v1/scans/a/files'],
    ['GET', '/api/v1/scans/a/files/'],
    ['GET', '/api/v1/scans/a/deletes'],
    ['GET', '/api/v1/scans/a/null-shares/0'],
    ['GET', '/api/v1/scans/a/files/0/b'],
    ['GET', '/api/v1/scans/a/null-shares'],
    ['POST', '/api/v1/scans/a/files/0'],
    ['GET', '/apis/x'],
    ['GET', '/iceberg/v1/none'],
  ])('of anything else is served by Next: %s %s', async (method, address) => {
    expect((await sendRequest(method, address)).status).toBe(299)
  })

  it.each(['TRACE', 'PROPFIND', 'MKCOL', 'PURGE', 'QUERY'])(
    'of the REST catalog with the method %s, which no operation has, is refused in its own format',
    async (method) => {
      for (const [address, allow] of [
        ['/iceberg/v1/config', 'GET'],
        ['/iceberg/v1/config?warehouse=local', 'GET'],
        ['/iceberg/v1/local/namespaces', 'GET, POST'],
        ['/iceberg/v1/local/namespaces/a%1Fb/tables/t', 'GET, HEAD, POST, DELETE'],
      ] as const) {
        const { status, headers, body } = await sendRequest(method, address)
        expect([status, headers.allow, headers['content-type']]).toEqual([405, allow, 'application/json'])
        expect(headers['x-request-id']).toBeTruthy()
        expect(JSON.parse(body.toString())).toMatchObject({ error: { code: 405, message: expect.any(String) } })
      }
      expect((await sendRequest(method, '/iceberg/v1/none')).status).toBe(404)
      expect((await sendRequest(method, '/iceberg/%zz')).status).toBe(400)
    },
  )

  it.each(['a b', '%%%', 'user:password@host', 'host/path?query'])(
    'with the invalid host %j is answered like any other',
    async (host) => {
      expect((await sendRequest('GET', '/iceberg/v1/config', { host })).status).toBe(401)
      expect((await sendRequest('GET', file(), { ...signedIn(), host })).status).toBe(200)
    },
  )
})
