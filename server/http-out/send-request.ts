import 'server-only'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { clock } from '@/server/timing/clock'
import { type Reach, requireSafeHost, safeLookup } from './safe-address'

/**
 * One request with Node's own client. Unlike fetch it checks the address it connects to, follows no redirect, decodes
 * no body and requests no encoding. Connections stay open and are shared by requests with the same `Reach`.
 */

/** Names in lower case. */
export type Headers = Readonly<Record<string, string>>

export type HttpRequest = {
  method: string
  url: URL
  headers: Headers
  body?: Uint8Array | string | undefined
}

export type RequestOptions = {
  reach?: Reach | undefined
  signal?: AbortSignal | undefined
  /** How long the server may send nothing. */
  idleTimeoutMs?: number | undefined
  /** Called when the connection is open; no bytes are sent before that. */
  onConnected?: (() => void) | undefined
}

const IDLE_TIMEOUT_MS = 30_000
/** For name resolution, connection and TLS together. */
const CONNECT_TIMEOUT_MS = 10_000
/** A body that arrives more slowly is abandoned. */
export const MIN_BYTES_PER_MS = 16
const MAX_IDLE_SOCKETS = 32
/** Most servers close idle connections after five seconds; a request sent at that moment is lost. */
const KEEP_ALIVE_MS = 4_000

const CLIENTS = { anywhere: createClients('anywhere'), outside: createClients('outside') }

/** The server sent nothing for too long. */
export class IdleTimeoutError extends Error {
  override readonly name = 'SilenceError'
  readonly code = 'ETIMEDOUT'
}

/**
 * The head of the response; its body must be read or destroyed.
 *
 * @throws {AppError} forbidden for an address that may not be used
 */
export function sendRequest(
  { method, url, headers, body }: HttpRequest,
  { reach = 'anywhere', signal, idleTimeoutMs = IDLE_TIMEOUT_MS, onConnected }: RequestOptions = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isTls = url.protocol === 'https:'
    const { request, agent } = CLIENTS[reach][isTls ? 'https' : 'http']
    requireSafeHost(url, reach)
    const clientRequest = request(url, { method, headers, agent, ...(signal && { signal }) })
    const timeOut = () => clientRequest.destroy(idleTimeoutError())
    let timer = clock.after(Math.min(CONNECT_TIMEOUT_MS, idleTimeoutMs), timeOut)
    const handleConnect = () => {
      timer.cancel()
      timer = clock.after(idleTimeoutMs + (body?.length ?? 0) / MIN_BYTES_PER_MS, timeOut)
      onConnected?.()
    }
    clientRequest.once('socket', (socket) => {
      if (clientRequest.reusedSocket) handleConnect()
      else socket.once(isTls ? 'secureConnect' : 'connect', handleConnect)
    })
    clientRequest.once('response', (response) => {
      timer.cancel()
      // The reader receives the failure; no other listener is needed.
      response.on('error', () => {})
      resolve(response)
    })
    clientRequest.on('error', (error) => {
      timer.cancel()
      reject(error)
    })
    clientRequest.end(body)
  })
}

/**
 * Chunks of a body as they arrive.
 *
 * @throws {IdleTimeoutError} when the next chunk does not arrive in time; the reader's own time does not count
 */
export async function* readChunks(
  response: IncomingMessage,
  idleTimeoutMs = IDLE_TIMEOUT_MS,
): AsyncGenerator<Uint8Array> {
  const chunks = response.iterator() as AsyncIterator<Uint8Array>
  try {
    for (;;) {
      const timer = clock.after(idleTimeoutMs, () => response.destroy(idleTimeoutError()))
      const next = await chunks.next().finally(() => timer.cancel())
      if (next.done) return
      yield next.value
    }
  } finally {
    response.destroy()
  }
}

/**
 * A body in memory, in its own buffer.
 *
 * @returns null when it is longer than `maxBytes`; the rest is not read
 * @throws {IdleTimeoutError} also when it arrives too slowly
 */
export async function readBody(
  response: IncomingMessage,
  maxBytes: number,
  idleTimeoutMs = IDLE_TIMEOUT_MS,
): Promise<Uint8Array | null> {
  const announcedBytes = contentLength(response)
  if (announcedBytes !== null && announcedBytes > maxBytes) {
    response.destroy()
    return null
  }
  const timer = clock.after(idleTimeoutMs + (announcedBytes ?? maxBytes) / MIN_BYTES_PER_MS, () =>
    response.destroy(idleTimeoutError()),
  )
  try {
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of readChunks(response, idleTimeoutMs)) {
      length += chunk.length
      if (length > maxBytes) return null
      chunks.push(chunk)
    }
    return concatChunks(chunks, length)
  } finally {
    timer.cancel()
  }
}

/** Ends a response to HEAD, which has no body although it declares a length. Its connection stays open. */
export async function drainBody(response: IncomingMessage, idleTimeoutMs = IDLE_TIMEOUT_MS): Promise<void> {
  await readChunks(response, idleTimeoutMs).next()
}

/** Null when the server did not send it. */
export function contentLength({ headers }: IncomingMessage): number | null {
  const text = headers['content-length']
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
}

function concatChunks(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let filled = 0
  for (const chunk of chunks) {
    bytes.set(chunk, filled)
    filled += chunk.length
  }
  return bytes
}

function idleTimeoutError(): IdleTimeoutError {
  return new IdleTimeoutError('The server sent nothing in time.')
}

/** A reused connection was checked in the same way as the requests that use it. */
function createClients(reach: Reach) {
  const options = {
    keepAlive: true,
    maxFreeSockets: MAX_IDLE_SOCKETS,
    timeout: KEEP_ALIVE_MS,
    lookup: safeLookup(reach),
  }
  return {
    http: { request: http.request, agent: new http.Agent(options) },
    https: { request: https.request, agent: new https.Agent(options) },
  }
}
