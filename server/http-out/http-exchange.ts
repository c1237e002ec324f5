import 'server-only'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { type Reach, requireSafeHost, safeLookup } from './safe-address'

/**
 * One request over Node's own client: unlike fetch it judges the address it connects to, follows no redirect, decodes
 * no body and asks for none to be encoded. Connections are kept and shared, by those who may go to the same places.
 */

/** Names in lower case. */
export type Headers = Readonly<Record<string, string>>

export type HttpRequest = {
  method: string
  url: URL
  headers: Headers
  body?: Uint8Array | string | undefined
}

export type ExchangeOptions = {
  reach?: Reach | undefined
  signal?: AbortSignal | undefined
  /** How long the other side may be silent. */
  silenceMs?: number | undefined
  /** Called when there is a connection: before that nothing was sent. */
  onConnected?: (() => void) | undefined
}

const SILENCE_MS = 30_000
/** For name, connection and TLS together. */
const CONNECT_MS = 10_000
/** Slower than this a body is given up. */
export const SLOWEST_BYTES_PER_MS = 16
const KEPT_SOCKETS = 32
/** Most servers close idle connections after five seconds; a request that crosses such an end is lost. */
const KEPT_IDLE_MS = 4_000

const CLIENTS = { anywhere: clientsFor('anywhere'), outside: clientsFor('outside') }

/** The other side was silent for too long. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError'
  readonly code = 'ETIMEDOUT'
}

/**
 * The answer's head; its body must be read or destroyed.
 *
 * @throws {AppError} forbidden for an address that may not be used
 */
export function exchange(
  { method, url, headers, body }: HttpRequest,
  { reach = 'anywhere', signal, silenceMs = SILENCE_MS, onConnected }: ExchangeOptions = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isTls = url.protocol === 'https:'
    const { request, agent } = CLIENTS[reach][isTls ? 'https' : 'http']
    requireSafeHost(url, reach)
    const sent = request(url, { method, headers, agent, ...(signal && { signal }) })
    const giveUp = () => sent.destroy(silence())
    let timer = setTimeout(giveUp, Math.min(CONNECT_MS, silenceMs))
    const connected = () => {
      clearTimeout(timer)
      timer = setTimeout(giveUp, silenceMs + (body?.length ?? 0) / SLOWEST_BYTES_PER_MS)
      onConnected?.()
    }
    sent.once('socket', (socket) => {
      if (sent.reusedSocket) connected()
      else socket.once(isTls ? 'secureConnect' : 'connect', connected)
    })
    sent.once('response', (answer) => {
      clearTimeout(timer)
      // Whoever reads it is told of a failure then; nobody else has to listen.
      answer.on('error', () => {})
      resolve(answer)
    })
    sent.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    sent.end(body)
  })
}

/**
 * Chunks of a body as they come.
 *
 * @throws {SilenceError} when the next one is not there in time; how long the reader takes does not count
 */
export async function* chunksOf(answer: IncomingMessage, silenceMs = SILENCE_MS): AsyncGenerator<Uint8Array> {
  const chunks = answer.iterator() as AsyncIterator<Uint8Array>
  try {
    for (;;) {
      const timer = setTimeout(() => answer.destroy(silence()), silenceMs)
      const next = await chunks.next().finally(() => clearTimeout(timer))
      if (next.done) return
      yield next.value
    }
  } finally {
    answer.destroy()
  }
}

/**
 * A body in memory, in a buffer of its own.
 *
 * @returns null when it is longer than `maxBytes`, of which nothing more is read then
 * @throws {SilenceError} also when it comes all too slowly
 */
export async function bytesOf(
  answer: IncomingMessage,
  maxBytes: number,
  silenceMs = SILENCE_MS,
): Promise<Uint8Array | null> {
  const announced = contentLength(answer)
  if (announced !== null && announced > maxBytes) {
    answer.destroy()
    return null
  }
  const timer = setTimeout(() => answer.destroy(silence()), silenceMs + (announced ?? maxBytes) / SLOWEST_BYTES_PER_MS)
  try {
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of chunksOf(answer, silenceMs)) {
      length += chunk.length
      if (length > maxBytes) return null
      chunks.push(chunk)
    }
    return joined(chunks, length)
  } finally {
    clearTimeout(timer)
  }
}

/** Ends an answer to HEAD, which has no body though it tells the length of one. Its connection is kept. */
export async function endOf(answer: IncomingMessage, silenceMs = SILENCE_MS): Promise<void> {
  await chunksOf(answer, silenceMs).next()
}

/** Null where the other side did not say. */
export function contentLength({ headers }: IncomingMessage): number | null {
  const text = headers['content-length']
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let filled = 0
  for (const chunk of chunks) {
    bytes.set(chunk, filled)
    filled += chunk.length
  }
  return bytes
}

function silence(): SilenceError {
  return new SilenceError('Nothing was heard in time.')
}

/** A connection that is kept was judged as all who take it are. */
function clientsFor(reach: Reach) {
  const options = { keepAlive: true, maxFreeSockets: KEPT_SOCKETS, timeout: KEPT_IDLE_MS, lookup: safeLookup(reach) }
  return {
    http: { request: http.request, agent: new http.Agent(options) },
    https: { request: https.request, agent: new https.Agent(options) },
  }
}
