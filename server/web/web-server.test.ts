import { createHash } from 'node:crypto'
import { METHODS, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { loadRouteHandler, installTestProgram } from '@/testing/http/route-handler'
import { RawClient, sendRaw, lastStatus } from '@/testing/http/raw-client'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type TestClock, useTestClock } from '@/testing/clock'
import { SILENT_LOG } from '@/testing/silent-log'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { serveNextAuth } from '@/server/http/serve-next-auth'
import { createWebServer, type WebServerOptions } from './web-server'

/** Failures that were logged. */
const logged: unknown[] = []
const home = createTestHome({}, { log: { ...SILENT_LOG, error: (error) => void logged.push(error) } })

let admin: SignedInUser
let token = ''
beforeAll(async () => {
  admin = await signInAs(home.services, 'admin')
  token = await createRestTokenAs(home.services, 'editor')
})

beforeEach(() => void (logged.length = 0))

const opened: { server: Server; clients: RawClient[] }[] = []
afterEach(() => {
  for (const { server, clients } of opened.splice(0)) {
    for (const client of clients) client.close()
    server.closeAllConnections()
    server.close()
  }
})

/** The production server on a free port, with a stub in place of Next. */
async function startServer({ servePages = serveLikeNext, limits = {} }: Partial<WebServerOptions> = {}) {
  const server = createWebServer({
    program: installTestProgram(home.services),
    servePages,
    isBehindProxy: false,
    limits,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const clients: RawClient[] = []
  opened.push({ server, clients })
  const client = () => {
    const one = new RawClient(port)
    clients.push(one)
    return one
  }
  return { server, port, client }
}

/** Decodes the address, builds a `Request` from method and body, and calls the route: fails where Next fails. */
async function serveLikeNext(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '' } = incoming
  const { pathname } = new URL(url, 'http://127.0.0.1')
  for (const segment of pathname.split('/')) decodeURIComponent(segment)
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const request = new Request(`http://127.0.0.1${url}`, {
    method,
    headers: incoming.headers as Record<string, string>,
    ...(hasBody && { body: incoming as unknown as BodyInit, duplex: 'half' }),
  })
  const reply = await handleRoute(pathname, request)
  response.writeHead(reply.status, Object.fromEntries(reply.headers))
  response.end(Buffer.from(await reply.arrayBuffer()))
}

async function handleRoute(pathname: string, request: Request): Promise<Response> {
  if (pathname.startsWith('/api/auth/')) {
    const nextauth = pathname.split('/').slice(3)
    return serveNextAuth(home.services, request, { params: Promise.resolve({ nextauth }) })
  }
  if (pathname !== '/api/v1/tokens') return new Response('a page')
  const handler = await loadRouteHandler(home.services, findEndpoint('createToken'))
  return handler(request, { params: Promise.resolve({}) })
}

const ADDRESSES = [
  '/',
  '/login',
  '/login?next=%zz',
  '/catalogs/local',
  '/catalogs/%',
  '/catalogs/%zz',
  '/catalogs/%ff%fe',
  '/catalogs/%C3%28/x',
  '/catalogs/%E0%A4%A',
  '/catalogs/\xff',
  '/catalogs/a%00b',
  '/%zz',
  '//%zz',
  '/healthz',
  '/healthz%',
  '/_next/static/%zz',
  '/_next/static/none.js',
  '/duckdb/%zz',
  '/api',
  '/api/%zz',
  '/api/auth/%ff',
  '/api/v1/tokens',
  '/api/v1/scans/a/files/%',
  '/iceberg',
  '/iceberg/%zz',
  '/iceberg/v1/config',
  '/iceberg/v1/none',
  '/icebergs/%zz',
  '*',
  'http://127.0.0.1/login',
  'http://evil.example/%zz',
]

describe('A request', () => {
  it.each(METHODS)('with %s is never answered 500, whatever its address', async (method) => {
    const { port } = await startServer()
    for (const address of ADDRESSES) {
      const status = lastStatus(await sendRaw(port, method, address))
      // Node closes the connection of a client that requests a tunnel.
      expect(status ?? (method === 'CONNECT' ? 0 : 500), address).toBeLessThan(500)
    }
  })

  it.each([
    ['TRACE', '/api/v1/session'],
    ['QUERY', '/api/v1/session'],
    ['OPTIONS', '*'],
    ['GET', 'http://127.0.0.1/login'],
    ['GET', '/catalogs/%zz'],
    ['POST', '/catalogs/%ff%fe'],
    ['TRACE', '/api/%zz'],
  ] as const)('of %s %s is a problem, without a logged stack', async (method, address) => {
    const { port } = await startServer()
    const reply = await sendRaw(port, method, address)
    expect(lastStatus(reply)).toBe(400)
    expect(reply).toMatch(/^content-type: application\/problem\+json\r$/m)
    expect(reply).toMatch(/^x-request-id: \S+\r$/m)
    expect(logged).toEqual([])
  })

  const MALFORMED = '/catalogs/local/namespaces/%E0%A4%A/tables/x'
  const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

  it('of a browser for a malformed address gets a page with a link back', async () => {
    const { port } = await startServer()
    const reply = await sendRaw(port, 'GET', MALFORMED, BROWSER)
    expect(lastStatus(reply)).toBe(400)
    expect(reply).toMatch(/^content-type: text\/html; charset=utf-8\r$/m)
    expect(reply).toMatch(/^x-request-id: \S+\r$/m)
    expect(reply).toContain('<h1>Page not found</h1>')
    expect(reply).toContain('<a href="/">Go home</a>')
    const [, style = ''] = /<style>(.*)<\/style>/.exec(reply) ?? []
    const [, hash] = /style-src 'sha256-([^']+)'/.exec(reply) ?? []
    expect(hash).toBe(createHash('sha256').update(style).digest('base64'))
    expect(reply).not.toContain('%E0')
    expect(logged).toEqual([])
  })

  it.each([
    ['GET', MALFORMED, '*/*'],
    ['GET', MALFORMED, 'application/json'],
    ['GET', '/api/v1/tokens/%E0%A4%A', BROWSER],
    ['POST', MALFORMED, BROWSER],
  ])('of %s %s with Accept: %s gets a problem', async (method, address, accept) => {
    const { port } = await startServer()
    const reply = await sendRaw(port, method, address, accept)
    expect(lastStatus(reply)).toBe(400)
    expect(reply).toMatch(/^content-type: application\/problem\+json\r$/m)
  })

  it.each(['TRACE', 'POST', 'DELETE', 'PROPFIND'])(
    'with %s for a page is answered with the methods a page takes',
    async (method) => {
      const { port } = await startServer()
      const reply = await sendRaw(port, method, '/login')
      expect(lastStatus(reply)).toBe(405)
      expect(reply).toMatch(/^allow: GET, HEAD\r$/m)
      expect(logged).toEqual([])
    },
  )

  it.each([
    ['GET', '/login', 200],
    ['HEAD', '/', 200],
    ['GET', '/login?next=%zz', 200],
    ['GET', '/catalogs/a%20b', 200],
    ['OPTIONS', '/login', 204],
  ] as const)('of %s %s is answered %i', async (method, address, status) => {
    const { port } = await startServer()
    expect(lastStatus(await sendRaw(port, method, address))).toBe(status)
  })
})

describe('A request that offers another protocol', () => {
  const OFFERS = ['websocket', 'h2c', 'TLS/1.0', 'none']

  it.each(OFFERS)('is answered as if it did not, and the connection stays open: %s', async (protocol) => {
    const { server, client: open } = await startServer()
    // As Next does at its first request. The connection then stays open without a response.
    server.on('upgrade', () => {})
    const client = open()
    const offer = `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n`
    await client.write(`GET /login HTTP/1.1\r\nHost: x\r\n${offer}\r\n`)
    expect(lastStatus(await client.waitFor('a page'))).toBe(200)
    await client.write(`GET /catalogs/%zz HTTP/1.1\r\nHost: x\r\n${offer}\r\n`)
    expect(lastStatus(await client.waitFor('application/problem+json'))).toBe(400)
    const body = JSON.stringify({ namespace: [`offered-${OFFERS.indexOf(protocol)}`] })
    const catalog = headOf(
      '/iceberg/v1/local/namespaces',
      `Authorization: Bearer ${token}\r\n${offer}X: y`,
      `Content-Length: ${body.length}`,
    )
    await client.write(`${catalog}${body}`)
    expect(lastStatus(await client.waitFor('application/json'))).toBe(200)
    client.close()
  })
})

/** Every door that accepts a body, with the header of a client that may send one. */
const DOORS = [
  ['next-auth', '/api/auth/callback/credentials', () => 'Accept: */*'],
  ['the console’s API', '/api/v1/tokens', () => `Cookie: ${admin.cookie}`],
  ['the REST catalog', '/iceberg/v1/local/namespaces', () => `Authorization: Bearer ${token}`],
  ['the token endpoint', '/iceberg/v1/oauth/tokens', () => 'Accept: */*'],
] as const
const SIZE = 40_000_000
const PIECE = Buffer.alloc(100_000, ' ')

const headOf = (path: string, header: string, framing: string) =>
  `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${
    path.startsWith('/iceberg/v1/oauth') ? 'application/x-www-form-urlencoded' : 'application/json'
  }\r\n${header}\r\n${framing}\r\n\r\n`

async function sendLength(client: RawClient, head: (framing: string) => string): Promise<void> {
  await client.write(head(`Content-Length: ${SIZE}`))
  for (let sent = 0; sent < SIZE; sent += PIECE.length) await client.write(PIECE)
}

async function sendChunked(client: RawClient, head: (framing: string) => string): Promise<void> {
  await client.write(head('Transfer-Encoding: chunked'))
  for (let sent = 0; sent < SIZE; sent += PIECE.length) {
    await client.write(`${PIECE.length.toString(16)}\r\n`)
    await client.write(PIECE)
    await client.write('\r\n')
  }
  await client.write('0\r\n\r\n')
}

it('The server reads the rest of an unwanted body, so that the client finds the response', async () => {
  const { client: open } = await startServer()
  const client = open()
  client.pause()
  await sendLength(client, (framing) => headOf('/iceberg/v1/local/namespaces', 'Accept: */*', framing))
  client.resume()
  expect(lastStatus(await client.waitFor('HTTP/1.1'))).toBe(401)
  await client.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  expect(lastStatus(await client.closed)).toBe(200)
})

describe.each(DOORS)('A body that is too large for %s', (_name, path, header) => {
  const head = (framing: string) => headOf(path, header(), framing)

  it.each([
    ['says its length', sendLength],
    ['does not say its length', sendChunked],
  ])('and %s is answered 413, also to a client that sends all of it first', async (_how, send) => {
    const { client: open } = await startServer()
    const client = open()
    client.pause()
    await send(client, head)
    client.resume()
    expect(lastStatus(await client.waitFor('HTTP/1.1'))).toBe(413)
    // The connection is intact and accepts the next request.
    await client.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(lastStatus(await client.closed)).toBe(200)
  })

  it('is refused before its first byte when the header declares its length', async () => {
    const { client: open } = await startServer()
    const client = open()
    await client.write(head(`Content-Length: ${SIZE}`))
    expect(lastStatus(await client.waitFor('HTTP/1.1'))).toBe(413)
  })

  it('is not read without limit', async () => {
    const time = useTestClock()
    const { client: open } = await startServer({ limits: { maxDiscardedBytes: 1_000_000 } })
    const client = open()
    await client.write(head(`Content-Length: ${SIZE}`))
    const reply = await client.waitFor('HTTP/1.1')
    expect(lastStatus(reply)).toBe(413)
    const ended = client.closed.then(
      () => 'closed',
      () => 'reset',
    )
    const isSent = sendSlowly(client, time)
    expect(['closed', 'reset']).toContain(await ended)
    await isSent
  })
})

/** Sends bytes as long as the connection is open. */
async function sendSlowly(client: RawClient, time: TestClock): Promise<void> {
  while (!client.isClosed) {
    await client.write(PIECE).catch(() => {})
    await time.advance(CHECK_INTERVAL_MS)
  }
}

/** How often the server looks at the body of a request. */
const CHECK_INTERVAL_MS = 500

/** @returns what the client has received when the server disconnects it, because it sends nothing more */
async function waitForDisconnect(client: RawClient, time: TestClock): Promise<string> {
  await time.whenWaiting(CHECK_INTERVAL_MS)
  while (!client.isClosed) await time.advance(CHECK_INTERVAL_MS)
  return client.closed
}

describe('A client that is too slow', () => {
  const NAMESPACE = () =>
    headOf('/iceberg/v1/local/namespaces', `Authorization: Bearer ${token}`, 'Content-Length: 1000')

  it.each([
    ['nothing', ''],
    ['half a first line', 'GET /log'],
    ['half a head', 'GET /login HTTP/1.1\r\nHost: x\r\nX-'],
  ])('and sends %s is disconnected with a 408', async (_what, text) => {
    const { client: open } = await startServer({ limits: { headersTimeoutMs: 200 } })
    const client = open()
    await client.write(text)
    expect(lastStatus(await client.closed)).toBe(408)
  })

  it.each([
    ['the REST catalog', NAMESPACE],
    ['the console’s API', () => headOf('/api/v1/tokens', `Cookie: ${admin.cookie}`, 'Content-Length: 1000')],
    ['a chunked body', () => headOf('/api/auth/callback/credentials', 'Accept: */*', 'Transfer-Encoding: chunked')],
  ])('and stops in the middle of a body is disconnected with a 408: %s', async (_door, head) => {
    const time = useTestClock()
    const { server, client: open } = await startServer()
    const isClosed = new Promise((resolve) => {
      server.once('connection', (socket: Socket) => socket.once('close', resolve))
    })
    const client = open()
    await client.write(`${head()}9\r\n{"name": `)
    expect(lastStatus(await waitForDisconnect(client, time))).toBe(408)
    await isClosed
    // The door learns of it in the turns that follow.
    await time.advance(60_000)
    expect(logged).toEqual([])
  })

  it('and sends a body byte by byte is disconnected, although it never stops', async () => {
    const time = useTestClock()
    const { server, client: open } = await startServer()
    const connected = new Promise<Socket>((resolve) => server.once('connection', resolve))
    const client = open()
    await client.write(NAMESPACE())
    const socket = await connected
    await time.whenWaiting(CHECK_INTERVAL_MS)
    // A byte after the response would reset the connection, and the response could get lost with it.
    while (!socket.writableEnded) {
      await client.write(' ')
      await time.advance(CHECK_INTERVAL_MS)
    }
    expect(lastStatus(await client.closed)).toBe(408)
  })

  it('after its response is disconnected without another response', async () => {
    const time = useTestClock()
    const { client: open } = await startServer()
    const client = open()
    await client.write(headOf('/iceberg/v1/local/namespaces', 'Accept: */*', 'Content-Length: 1000'))
    await client.waitFor('HTTP/1.1')
    const ended = await waitForDisconnect(client, time)
    expect(ended.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(lastStatus(ended)).toBe(401)
  })
})

describe('A slow client', () => {
  it('is served as long as its body arrives', async () => {
    const time = useTestClock()
    const { client: open } = await startServer({ limits: { minBytesPerSecond: 1 } })
    const client = open()
    const body = JSON.stringify({ namespace: ['patient'], properties: {} }).padEnd(40)
    const path = '/iceberg/v1/local/namespaces'
    await client.write(
      headOf(path, `Authorization: Bearer ${token}\r\nConnection: close`, `Content-Length: ${body.length}`),
    )
    for (const character of body) {
      await client.write(character)
      // Longer together than a client may stall.
      await time.advance(1_000)
    }
    expect(lastStatus(await client.closed)).toBe(200)
  })

  it('is not disconnected for time in which the server does not read', async () => {
    const time = useTestClock()
    const limits = { minBytesPerSecond: 1_000_000_000 }
    let length = 0
    const servePages = async (request: IncomingMessage, response: ServerResponse) => {
      await vi.waitUntil(() => request.readableLength > 0, { timeout: 60_000, interval: 5 })
      await time.advance(60_000)
      for await (const chunk of request) length += (chunk as Buffer).length
      response.end()
    }
    const { client: open } = await startServer({ limits, servePages })
    const client = open()
    await client.write(headOf('/api/v1/slow', 'Connection: close', 'Content-Length: 10000000'))
    for (let sent = 0; sent < 10_000_000; sent += PIECE.length) await client.write(PIECE)
    expect(lastStatus(await client.closed)).toBe(200)
    expect(length).toBe(10_000_000)
  })
})
