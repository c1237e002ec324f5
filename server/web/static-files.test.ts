import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as requestHttp, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { precompress } from '@/scripts/assets/precompress'
import { StaticFiles } from './static-files'

const SCRIPT = `export const repeated = [${'"a line of a script", '.repeat(200)}]\n`
const folder = mkdtempSync(path.join(tmpdir(), 'static-files-'))
let server: Server
let port = 0

beforeAll(async () => {
  mkdirSync(path.join(folder, 'chunks'))
  writeFileSync(path.join(folder, 'chunks', 'page.js'), SCRIPT)
  writeFileSync(path.join(folder, 'chunks', 'short.js'), 'export {}\n')
  writeFileSync(path.join(folder, 'chunks', 'removed.js'), SCRIPT)
  writeFileSync(path.join(folder, 'chunks', 'unreadable.js'), 'export {}\n')
  writeFileSync(path.join(folder, 'notes.txt'), 'not a part of a page')
  precompress(folder)
  const files = new StaticFiles([
    { prefix: '/_next/static/', folder, isImmutable: true },
    { prefix: '/duckdb/', folder: path.join(folder, 'chunks'), isImmutable: false },
    { prefix: '/missing/', folder: path.join(folder, 'missing'), isImmutable: false },
  ])
  // Root may read any file, but no process reads a folder as one.
  rmSync(path.join(folder, 'chunks', 'unreadable.js'))
  mkdirSync(path.join(folder, 'chunks', 'unreadable.js'))
  for (const suffix of ['', '.br', '.gz']) rmSync(path.join(folder, 'chunks', `removed.js${suffix}`))
  server = createServer((request, response) => {
    files.serve(request, response).then(
      (isServed) => isServed || response.writeHead(404).end('Next'),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

type Answer = { status: number | undefined; headers: IncomingHttpHeaders; body: Buffer }

/** The bytes as they are sent: `fetch` would decompress them. */
function send(address: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = requestHttp({ host: '127.0.0.1', port, path: address, method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) })
      })
    })
    sent.on('error', reject).end()
  })
}

const PAGE = '/_next/static/chunks/page.js'

describe('A file of the build', () => {
  it('is sent in the smallest encoding that the browser accepts', async () => {
    const br = await send(PAGE, { 'accept-encoding': 'gzip, deflate, br, zstd' })
    expect(br.headers).toMatchObject({
      'content-encoding': 'br',
      'content-length': String(br.body.byteLength),
      'content-type': 'text/javascript; charset=UTF-8',
      vary: 'Accept-Encoding',
    })
    expect(brotliDecompressSync(br.body).toString()).toBe(SCRIPT)

    const gzip = await send(PAGE, { 'accept-encoding': 'gzip, deflate, br;q=0' })
    expect(gzip.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(gzip.body).toString()).toBe(SCRIPT)
    expect(br.body.byteLength).toBeLessThan(gzip.body.byteLength)

    const plain = await send(PAGE)
    expect(plain.headers).not.toHaveProperty('content-encoding')
    expect(plain.body.toString()).toBe(SCRIPT)
  })

  it('is sent as it is when it is too short to compress', async () => {
    const { headers, body } = await send('/_next/static/chunks/short.js', { 'accept-encoding': 'br, gzip' })
    expect(headers).not.toHaveProperty('content-encoding')
    expect(body.toString()).toBe('export {}\n')
  })

  it('is cached for a year if its name changes with its content, and is checked each time if not', async () => {
    const hashed = await send(PAGE)
    expect(hashed.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    const named = await send('/duckdb/page.js')
    expect(named.headers['cache-control']).toBe('public, max-age=0')
    for (const { headers } of [hashed, named]) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      })
    }
  })

  it('is not sent again to a browser that has it', async () => {
    const { headers } = await send(PAGE)
    for (const condition of [
      { 'if-none-match': `"other", ${headers.etag}` },
      { 'if-modified-since': headers['last-modified'] ?? '' },
    ]) {
      const again = await send(PAGE, condition)
      expect({ status: again.status, bytes: again.body.byteLength }).toEqual({ status: 304, bytes: 0 })
    }
    const changed = await send(PAGE, {
      'if-none-match': '"other"',
      'if-modified-since': headers['last-modified'] ?? '',
    })
    expect({ status: changed.status, text: changed.body.toString() }).toEqual({ status: 200, text: SCRIPT })
  })

  it('has no body in the answer to HEAD', async () => {
    const { status, headers, body } = await send(PAGE, {}, 'HEAD')
    expect({ status, length: headers['content-length'], sent: body.byteLength }).toEqual({
      status: 200,
      length: String(SCRIPT.length),
      sent: 0,
    })
  })
})

it('A file that cannot be read is an error, and not left to Next', async () => {
  const { status, body } = await send('/_next/static/chunks/unreadable.js')
  expect({ status, text: body.toString() }).toEqual({ status: 500, text: expect.stringContaining('EISDIR') })
})

it.each([
  ['its name does not exist', '/_next/static/chunks/none.js', {}],
  ['it was removed after the start', '/_next/static/chunks/removed.js', {}],
  ['it is a compressed copy', `${PAGE}.br`, {}],
  ['its format is not one of a page', '/_next/static/notes.txt', {}],
  ['its address leaves the folder', '/_next/static/../static/chunks/page.js', {}],
  ['its folder does not exist', '/missing/page.js', {}],
  ['a part of it is asked for', PAGE, { range: 'bytes=0-9' }],
])('Next answers for a file if %s', async (_case, address, headers) => {
  const { status, body } = await send(address, headers)
  expect({ status, text: body.toString() }).toEqual({ status: 404, text: 'Next' })
})
