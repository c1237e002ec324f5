import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { SILENT_LOG } from '@/scripts/silent-log'
import { LoadedMetadataCache } from '@/server/catalog/rest/loaded-metadata'
import { type RestCatalog, restCatalog } from '@/server/catalog/rest/rest-catalog'
import type { RestSettings } from '@/server/catalog/rest/rest-settings'
import type { ObjectStore } from '@/server/storage/object-store'
import { testStore } from './test-store'

/** A request as the server got it; `path` is raw, as percent-encoded as it came. */
export type Seen = { method: string; path: string; query: URLSearchParams; headers: Headers; body: string }

export type Reply = {
  status?: number
  /** Text and bytes go out as they are, for what no serializer of ours would write. */
  body?: string | Uint8Array | object
  headers?: Record<string, string>
  /** The socket is cut instead of answering, or after half of the answer. */
  cut?: 'before' | 'midway'
  afterMs?: number
}

type Answers = Reply | ((seen: Seen) => Reply) | readonly (Reply | ((seen: Seen) => Reply))[]

/** Plays a REST catalog: answers what a test says, and remembers what it was asked. */
export class TestRestCatalog {
  readonly seen: Seen[] = []
  uri = ''
  readonly #answers = new Map<string, Answers>()
  readonly #asked = new Map<string, number>()
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<TestRestCatalog> {
    const server = createServer()
    const catalog = new TestRestCatalog(server)
    server.on('request', (request, response) => void catalog.#serve(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    catalog.uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return catalog.on('GET /v1/config', { body: { defaults: {}, overrides: {} } })
  }

  /** @param answers several are given in turn, the last of them again and again */
  on(route: string, answers: Answers): this {
    this.#answers.set(route, answers)
    this.#asked.delete(route)
    return this
  }

  /** `POST /v1/…` of each request but the ones for the configuration. */
  routes(): string[] {
    return this.seen.map(({ method, path }) => `${method} ${path}`).filter((route) => route !== 'GET /v1/config')
  }

  last(): Seen {
    const last = this.seen.at(-1)
    if (!last) throw new Error('nothing was asked')
    return last
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = await seenOf(request)
    this.seen.push(seen)
    const { status = 200, body = '', headers = {}, cut, afterMs } = this.#replyTo(seen)
    if (afterMs !== undefined) await setTimeout(afterMs)
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

  #replyTo(seen: Seen): Reply {
    const route = `${seen.method} ${seen.path}`
    const answers = this.#answers.get(route)
    if (answers === undefined) return errorReply(404, 'NotFoundRoute', `No route for ${route}`)
    const asked = this.#asked.get(route) ?? 0
    this.#asked.set(route, asked + 1)
    const list = Array.isArray(answers) ? (answers as readonly (Reply | ((seen: Seen) => Reply))[]) : [answers as Reply]
    const reply = list[Math.min(asked, list.length - 1)] ?? {}
    return typeof reply === 'function' ? reply(seen) : reply
  }
}

export function errorReply(status: number, type: string, message = type): Reply {
  return { status, body: { error: { message, type, code: status } } }
}

export function restSettings(uri: string, change: Partial<RestSettings> = {}): RestSettings {
  return { uri, warehouse: null, prefix: null, auth: { kind: 'none' }, headers: {}, delegation: 'none', ...change }
}

/** A store that knows nothing but what it was made for. */
export function markedStore(mark: string): ObjectStore & { mark: string } {
  const read = async () => new TextEncoder().encode(mark)
  return { ...testStore({ read }), mark }
}

/** The catalog at `uri`, never waiting, with nothing else behind it. */
export function testRestCatalog(uri: string, change: Partial<RestCatalog> = {}) {
  return restCatalog({
    name: 'remote',
    settings: restSettings(uri),
    storage: [],
    mappings: [],
    log: SILENT_LOG,
    metadataCache: new LoadedMetadataCache(),
    storeForAll: (accesses) => markedStore(JSON.stringify(accesses)),
    writeAlongside: async () => {},
    pause: async (_ms, signal) => signal?.throwIfAborted(),
    ...change,
  })
}

async function seenOf(request: IncomingMessage): Promise<Seen> {
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
