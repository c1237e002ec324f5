import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { restSettings, RestCatalogStandIn, createTestRestCatalog } from '@/testing/catalogs/rest-catalog-stand-in'
import { createResponsePool, MemoryPool } from '@/server/http-out/memory-pool'
import { ERROR_LIMITS } from './response-limits'
import { restHttpClient } from './client'
import type { RestRequest } from './request'

const MIB = 1024 * 1024
const SPACES = Buffer.alloc(64 * 1024, ' ')

/** A catalog whose responses never end, or only when the test allows it. */
let server: Server
let uri: string
let handlers: Map<string, (response: ServerResponse) => void>
/** Bytes sent, by path. */
let sentBytes: Map<string, number>

beforeEach(async () => {
  handlers = new Map([['/v1/config', (response) => response.end('{"defaults": {}, "overrides": {}}')]])
  sentBytes = new Map()
  server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    const handler = handlers.get(path)
    if (!handler) throw new Error(`the test defines no response for ${path}`)
    request.resume()
    handler(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Sends spaces, which may be the start of JSON, up to `maxBytes` or until the reader closes. */
function streamSpaces(path: string, maxBytes: number, { status = 200, end = '{}' } = {}): void {
  handlers.set(path, (response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    let sent = 0
    const more = () => {
      if (response.destroyed) return
      if (sent >= maxBytes) {
        response.end(end)
        return
      }
      sent += SPACES.length
      sentBytes.set(path, sent)
      if (response.write(SPACES)) setImmediate(more)
      else response.once('drain', more)
    }
    more()
  })
}

const client = () => createTestRestCatalog(uri)

function send(change: Partial<RestRequest>, deps: Partial<Parameters<typeof restHttpClient>[0]> = {}) {
  const http = restHttpClient({
    responsePool: createResponsePool(),
    settings: restSettings(uri),
    nowMs: Date.now,
    pause: async () => {},
    ...deps,
  })
  return http.send({ method: 'GET', url: new URL(`${uri}/x`), purpose: 'read', ...change })
}

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error: unknown = await work.catch((reason: unknown) => reason)
  if (error instanceof AppError) return error
  throw new Error('it did not fail', { cause: error })
}

describe('An endless response is read only up to the limit of its kind', () => {
  it.each([
    ['/v1/config', 1, () => client().listNamespaces(null)],
    ['/v1/namespaces/a', 4, () => client().loadNamespace(['a'])],
    ['/v1/namespaces', 32, () => client().listNamespaces(null)],
    ['/v1/namespaces/a/tables', 32, () => client().listTables(['a'])],
  ])('%s: %i MiB', async (path, maxMebibytes, request) => {
    streamSpaces(path, 1024 * MIB)
    const error = await failure(request())
    expect(error).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining(formatBytes(maxMebibytes * MIB)),
    })
    // The sockets' buffers on both sides contain sent bytes, too.
    expect(sentBytes.get(path)).toBeLessThan(64 * MIB)
  })

  it('a refusal keeps its meaning without its message', async () => {
    streamSpaces('/v1/namespaces/a', 1024 * MIB, { status: 403 })
    expect(await failure(client().loadNamespace(['a']))).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining(
        `The catalog answered 403 with more than ${formatBytes(MIB)}, which Lakeshore did not read.`,
      ),
    })
    expect(sentBytes.get('/v1/namespaces/a')).toBeLessThan(32 * MIB + ERROR_LIMITS.maxBytes)
  })

  it('the metadata of a table may be longer than all others', async () => {
    streamSpaces('/x', 40 * MIB)
    expect(await send({})).toMatchObject({ json: {} })
  })

  it('a compressed one is decompressed only up to the limit', async () => {
    const body = gzipSync(Buffer.alloc(24 * MIB, ' '))
    handlers.set('/v1/config', (response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length })
      response.end(body)
    })
    expect(await failure(client().listNamespaces(null))).toMatchObject({ code: 'too-large' })
    const pool = new MemoryPool(MIB)
    handlers.set('/x', (response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(body)
    })
    const size = { maxBytes: 4 * MIB, maxValues: 10 }
    expect(await failure(send({ limits: size }, { responsePool: pool }))).toMatchObject({ code: 'too-large' })
    expect(pool.peakBytes).toBeLessThanOrEqual(size.maxBytes)
    expect(pool.usedBytes).toBe(0)
  })

  it('the pages of a list share one limit', async () => {
    const catalog = await RestCatalogStandIn.start()
    try {
      const name = 'x'.repeat(24 * MIB)
      let page = 0
      catalog.on('GET /v1/namespaces/a/tables', () => {
        page += 1
        const identifiers = [{ namespace: ['a'], name: `${name}${page}` }]
        return { body: { identifiers, 'next-page-token': String(page) } }
      })
      expect(await failure(createTestRestCatalog(catalog.uri).listTables(['a']))).toMatchObject({
        code: 'too-large',
        message: expect.stringContaining(formatBytes(64 * MIB)),
      })
      expect(page).toBe(3)
    } finally {
      await catalog.stop()
    }
  })
})

describe('A response with too many tiny values', () => {
  const zeros = (count: number) => `[${'0,'.repeat(count)}0]`

  it.each([
    ['/v1/config', 20_001, () => client().listNamespaces(null)],
    ['/v1/namespaces/a', 100_001, () => client().loadNamespace(['a'])],
    ['/v1/namespaces/a/tables', 2_000_001, () => client().listTables(['a'])],
  ])('%s is refused before it is parsed', async (path, count, request) => {
    const body = zeros(count)
    handlers.set(path, (response) => response.end(body))
    expect(await failure(request())).toMatchObject({ code: 'too-large', message: expect.stringContaining('values') })
  })
})

describe('Concurrent responses', () => {
  const responseBytes = 8 * MIB

  it('share the available memory, and all of them are read', async () => {
    const [connection, another] = [new MemoryPool(6 * MIB), new MemoryPool(6 * MIB)]
    const all = new MemoryPool(10 * MIB)
    streamSpaces('/x', responseBytes)
    const requests = Array.from({ length: 8 }, (_, i) =>
      send({}, { connectionPool: i % 2 === 0 ? connection : another, responsePool: all, roomWaitMs: 60_000 }),
    )
    expect((await Promise.all(requests)).map(({ json }) => json)).toEqual(requests.map(() => ({})))
    const largestBytes = responseBytes + SPACES.length
    expect(connection.peakBytes).toBeLessThanOrEqual(connection.freeBytes + largestBytes)
    expect(all.peakBytes).toBeLessThanOrEqual(all.freeBytes + largestBytes)
    expect(all.peakBytes).toBeGreaterThan(responseBytes)
    expect([connection, another, all].map(({ usedBytes }) => usedBytes)).toEqual([0, 0, 0])
  })

  it('that find no memory in time are refused with a reason, and can be read later', async () => {
    const responsePool = new MemoryPool(MIB)
    let finish = () => {}
    const isHeld = new Promise<void>((resolve) => {
      handlers.set('/x', (response) => {
        response.writeHead(200)
        response.write(Buffer.alloc(responseBytes, ' '))
        finish = () => response.end('{}')
        resolve()
      })
    })
    const first = send({}, { responsePool })
    await isHeld
    while (responsePool.usedBytes < responseBytes) await new Promise(setImmediate)
    streamSpaces('/large', responseBytes)
    const url = new URL(`${uri}/large`)
    expect(await failure(send({ url }, { responsePool, roomWaitMs: 20 }))).toMatchObject({
      code: 'catalog-unavailable',
      message: expect.stringContaining(`at once (more than ${formatBytes(MIB)}), so this one was dropped`),
    })
    // The catalog did the work, although the response was not read.
    const commit = send({ url, method: 'POST', purpose: 'commit' }, { responsePool, roomWaitMs: 20 })
    expect(await failure(commit)).toMatchObject({ code: 'commit-state-unknown' })
    finish()
    expect(await first).toMatchObject({ json: {} })
    expect(await send({ url }, { responsePool, roomWaitMs: 20 })).toMatchObject({ json: {} })
  })
})
