import 'server-only'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Headers } from './request-signer'
import { requireSafeHost, safeLookup } from './safe-address'

/**
 * One request over Node's own client: unlike fetch it follows no redirect, decodes no body and asks for none to be
 * encoded, so bytes are those of the object. Connections are kept and shared by all stores.
 */

export type HttpRequest = { method: string; url: URL; headers: Headers; body?: Uint8Array | undefined }

/** How long a store may be silent. */
const SILENCE_MS = 30_000
/** Slower than this a body is given up. */
const SLOWEST_BYTES_PER_MS = 16
const KEPT_SOCKETS = 32

const HTTP = { request: http.request, agent: new http.Agent({ keepAlive: true, maxFreeSockets: KEPT_SOCKETS }) }
const HTTPS = { request: https.request, agent: new https.Agent({ keepAlive: true, maxFreeSockets: KEPT_SOCKETS }) }

/** The store was silent for too long. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError'
  readonly code = 'ETIMEDOUT'
}

/** The answer's head; its body must be read or destroyed. */
export function exchange(
  { method, url, headers, body }: HttpRequest,
  { signal, silenceMs = SILENCE_MS }: { signal?: AbortSignal | undefined; silenceMs?: number | undefined } = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { request, agent } = url.protocol === 'https:' ? HTTPS : HTTP
    requireSafeHost(url)
    const sent = request(url, { method, headers, agent, lookup: safeLookup, ...(signal && { signal }) })
    const timer = setTimeout(() => sent.destroy(silence()), silenceMs + (body?.length ?? 0) / SLOWEST_BYTES_PER_MS)
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

/** Null where the store did not say. */
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
