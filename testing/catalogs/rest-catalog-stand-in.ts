import { createResponsePool } from '@/server/http-out/memory-pool'
import { createTestOutbox } from '@/testing/catalogs/test-outbox'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SILENT_LOG } from '@/testing/silent-log'
import { LoadedMetadataCache } from '@/server/catalog/rest/loaded-metadata-cache'
import { type RestCatalogDeps, restCatalog } from '@/server/catalog/rest/catalog'
import type { RestSettings } from '@/server/catalog/rest/http/settings'
import type { ObjectStore } from '@/server/storage/object-store'
import { clock } from '@/server/timing/clock'
import { createTestStore } from '@/testing/stores/test-store'

/** A request as the server received it; `path` is still percent-encoded. */
export type ReceivedRequest = { method: string; path: string; query: URLSearchParams; headers: Headers; body: string }

export type Reply = {
  status?: number
  /** Text and bytes are sent unchanged, for bodies that our serializer would not produce. */
  body?: string | Uint8Array | object
  headers?: Record<string, string>
  /** Closes the socket before the response, or after half of it. */
  cut?: 'before' | 'midway'
  /** By the clock that the test may have set. */
  afterMs?: number
}

type Replies =
  | Reply
  | ((request: ReceivedRequest) => Reply)
  | readonly (Reply | ((request: ReceivedRequest) => Reply))[]

/** Stands in for a REST catalog: it sends the replies that a test defines and records the requests. */
export class RestCatalogStandIn {
  readonly received: ReceivedRequest[] = []
  uri = ''
  readonly #replies = new Map<string, Replies>()
  readonly #requestCounts = new Map<string, number>()
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<RestCatalogStandIn> {
    const server = createServer()
    const catalog = new RestCatalogStandIn(server)
    server.on('request', (request, response) => void catalog.#serve(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    catalog.uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return catalog.on('GET /v1/config', { body: { defaults: {}, overrides: {} } })
  }

  /** @param replies several are sent in turn, and the last one is repeated */
  on(route: string, replies: Replies): this {
    this.#replies.set(route, replies)
    this.#requestCounts.delete(route)
    return this
  }

  /** `POST /v1/…` of each request, except those for the configuration. */
  routes(): string[] {
    return this.received.map(({ method, path }) => `${method} ${path}`).filter((route) => route !== 'GET /v1/config')
  }

  lastRequest(): ReceivedRequest {
    const latest = this.received.at(-1)
    if (!latest) throw new Error('no request was received')
    return latest
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await readRequest(request)
    this.received.push(received)
    const { status = 200, body = '', headers = {}, cut, afterMs } = this.#replyTo(received)
    if (afterMs !== undefined) await clock.pause(afterMs)
    if (cut === 'before') {
      request.socket.destroy()
      return
    }
    const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...headers,
    })
    if (cut === 'midway') response.write(text.slice(0, text.length / 2), () => request.socket.destroy())
    else response.end(text)
  }

  #replyTo(request: ReceivedRequest): Reply {
    const route = `${request.method} ${request.path}`
    const replies = this.#replies.get(route)
    if (replies === undefined) return errorReply(404, 'NotFoundRoute', `No route for ${route}`)
    const requestCount = this.#requestCounts.get(route) ?? 0
    this.#requestCounts.set(route, requestCount + 1)
    const list = Array.isArray(replies)
      ? (replies as readonly (Reply | ((request: ReceivedRequest) => Reply))[])
      : [replies as Reply]
    const reply = list[Math.min(requestCount, list.length - 1)] ?? {}
    return typeof reply === 'function' ? reply(request) : reply
  }
}

export function errorReply(status: number, type: string, message = type): Reply {
  return { status, body: { error: { message, type, code: status } } }
}

export function restSettings(uri: string, change: Partial<RestSettings> = {}): RestSettings {
  return { uri, warehouse: null, prefix: null, auth: { kind: 'none' }, headers: {}, delegation: 'none', ...change }
}

/** A store that returns only its mark. */
export function markedStore(mark: string): ObjectStore & { mark: string } {
  const read = async () => new TextEncoder().encode(mark)
  return { ...createTestStore({ read }), mark }
}

/** A client of the catalog at `uri`, without pauses and without real stores or a database. */
export function createTestRestCatalog(uri: string, change: Partial<RestCatalogDeps> = {}) {
  return restCatalog({
    responsePool: createResponsePool(),
    name: 'remote',
    settings: restSettings(uri),
    storage: [],
    mappings: [],
    log: SILENT_LOG,
    metadataCache: new LoadedMetadataCache(),
    storeForAll: (accesses) => markedStore(JSON.stringify(accesses)),
    outbox: createTestOutbox(),
    pause: async (_ms, signal) => signal?.throwIfAborted(),
    ...change,
  })
}

async function readRequest(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const headers = new Headers(
    Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
  )
  return {
    method: request.method ?? '',
    path,
    query: new URLSearchParams(query),
    headers,
    body: Buffer.concat(chunks).toString(),
  }
}
