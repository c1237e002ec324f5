import { createHash } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * An object store in this process, for behavior that a real one does not show on demand. It checks requests by the
 * store's own specification and fails on demand. Subclasses define which store it is.
 */

/**
 * The fault of one request. `lose` carries it out and then breaks the connection instead of answering; `unsaid` ends
 * the body half way, without any sign of it in the headers.
 */
type Answer = { kind: 'answer'; status: number; code?: string; headers?: Record<string, string>; body?: string }
export type Fault = { kind: 'reset' | 'lose' | 'silence' | 'cut' | 'short' | 'unsaid' } | Answer

export type ReceivedRequest = {
  method: string
  path: string
  query: URLSearchParams
  headers: http.IncomingHttpHeaders
}

export type Reply = Pick<ServerResponse, 'writeHead' | 'end'>

export abstract class StoreStandIn {
  /** Bodies by `bucket/key`. */
  readonly objects = new Map<string, Buffer>()
  readonly received: ReceivedRequest[] = []
  /** Faults for the next requests, in order; null lets one request through. */
  readonly faults: (Fault | null)[] = []
  /** A fault for every request for which it returns one. */
  faultFor: (request: ReceivedRequest) => Fault | null = () => null
  /** Each request waits for this promise. */
  delay: Promise<unknown> = Promise.resolve()
  connectionCount = 0
  runningCount = 0
  maxRunningCount = 0
  /** How many keys one page of a listing has. */
  maxKeysPerPage = 1_000
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))

  /** The store's error code for a request that is not authorized; null when it is. */
  protected abstract refusalCode(request: IncomingMessage, body: Buffer): string | null

  protected abstract handle(request: ReceivedRequest, body: Buffer, reply: Reply): void

  /** The store's error response; some codes have their own status. */
  protected abstract refusalReply(
    status: number,
    code: string,
  ): { status?: number; body: string; headers?: Record<string, string> }

  /** An error response without a code, in words that are not the store's. */
  protected refuse(
    reply: Reply,
    status: number,
    code?: string,
    overrides: Pick<Answer, 'headers' | 'body'> = {},
  ): void {
    const refusal = code === undefined ? null : this.refusalReply(status, code)
    send(reply, refusal?.status ?? status, overrides.body ?? refusal?.body ?? '', {
      ...refusal?.headers,
      ...overrides.headers,
    })
  }

  async start(): Promise<string> {
    this.#server.on('connection', () => {
      this.connectionCount += 1
    })
    await new Promise<void>((resolve) => void this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => void this.#server.close(resolve))
  }

  /** Methods and paths of the received requests, with the query parameter names that distinguish their kinds. */
  get requests(): string[] {
    return this.received.map(
      ({ method, path, query }) => `${method} ${path}${query.size > 0 ? `?${[...query.keys()].join('&')}` : ''}`,
    )
  }

  /** Sends an object, or the requested part of it. */
  protected sendObject(reply: Reply, { headers }: ReceivedRequest, object: Buffer): void {
    const objectHeaders = { etag: computeEtag(object) }
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    if (start === undefined) return send(reply, 200, object, objectHeaders)
    if (Number(start) >= object.length) return this.refuse(reply, 416, 'InvalidRange')
    const part = object.subarray(Number(start), Number(end) + 1)
    const range = `bytes ${start}-${Number(start) + part.length - 1}/${object.length}`
    send(reply, 206, part, { ...objectHeaders, 'content-range': range })
  }

  /**
   * The listed keys after a given key; `last` is set if more follow.
   *
   * @param names names of query fields, which differ between stores
   */
  protected listKeys(bucket: string, query: URLSearchParams, names: { after: string; limit: string }) {
    const prefix = query.get('prefix') ?? ''
    const after = query.get(names.after) ?? ''
    const isShallow = query.has('delimiter')
    /** A key, or the folder around it that a shallow listing has in its place. */
    const entryOf = (key: string) => {
      const slash = key.indexOf('/', prefix.length)
      return isShallow && slash >= 0 ? key.slice(0, slash + 1) : key
    }
    const all = [...this.objects.keys()]
      .filter((name) => name.startsWith(`${bucket}/${prefix}`))
      .map((name) => entryOf(name.slice(bucket.length + 1)))
      .filter((entry, index, entries) => entry > after && entries.indexOf(entry) === index)
      .sort()
    const page = all.slice(0, Math.min(Number(query.get(names.limit) ?? this.maxKeysPerPage), this.maxKeysPerPage))
    const isFolder = (entry: string) => isShallow && entry.length > prefix.length && entry.endsWith('/')
    return {
      keys: page.filter((entry) => !isFolder(entry)),
      folders: page.filter(isFolder),
      last: page.length < all.length ? page.at(-1) : undefined,
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.runningCount += 1
    this.maxRunningCount = Math.max(this.maxRunningCount, this.runningCount)
    response.once('close', () => {
      this.runningCount -= 1
    })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    await this.delay
    const url = new URL(request.url ?? '', 'http://stand-in')
    const received = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
    }
    this.received.push(received)
    const fault = this.faults.shift() ?? this.faultFor(received)
    if (fault?.kind === 'reset') return void request.socket.destroy()
    if (fault?.kind === 'silence') return
    if (fault?.kind === 'answer') return this.refuse(response, fault.status, fault.code, fault)
    const body = Buffer.concat(chunks)
    const problem = this.refusalCode(request, body)
    if (problem) return this.refuse(response, 403, problem)
    if (fault?.kind === 'lose') {
      this.handle(
        received,
        body,
        sink(() => request.socket.destroy()),
      )
      return
    }
    this.handle(received, body, fault ? corruptingReply(response, fault.kind) : response)
  }
}

export function computeEtag(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`
}

export function send(reply: Reply, status: number, body: string | Buffer, headers: Record<string, string> = {}): void {
  reply.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
  reply.end(body)
}

function sink(onEnd: () => void): Reply {
  return { writeHead: () => undefined as never, end: () => onEnd() as never }
}

/** `cut` breaks off in the middle of the announced body, `short` announces less than was requested. */
function corruptingReply(response: ServerResponse, kind: string): Reply {
  let isTruncated = false
  return {
    writeHead(status: number, headers: Record<string, string | number>) {
      const length = Number(headers['content-length'])
      if (kind === 'short') return response.writeHead(status, { ...headers, 'content-length': length - 1 })
      if (kind === 'unsaid') {
        const { 'content-length': _, ...others } = headers
        response.useChunkedEncodingByDefault = false
        response.shouldKeepAlive = false
        return response.writeHead(status, others)
      }
      isTruncated = true
      return response.writeHead(status, headers)
    },
    end(body: string | Buffer) {
      const bytes = Buffer.from(body)
      if (kind === 'unsaid') return response.end(bytes.subarray(0, Math.floor(bytes.length / 2)))
      if (!isTruncated) return response.end(bytes.subarray(0, -1))
      response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy())
      return response
    },
  } as Reply
}

/** Escapes text for XML; some stores write characters as numeric references. */
export function escapeXml(text: string): string {
  return text.replace(/[&<"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
