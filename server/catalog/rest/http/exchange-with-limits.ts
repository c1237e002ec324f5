import 'server-only'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { type MemoryReservation, MAX_MEMORY_WAIT_MS } from '@/server/http-out/memory-pool'
import {
  readChunks,
  contentLength,
  sendRequest,
  IdleTimeoutError,
  MIN_BYTES_PER_MS,
} from '@/server/http-out/send-request'

/**
 * One HTTP exchange with a server that is not trusted: bounded in time and in bytes, also of what they are when
 * unpacked, and without following redirects, which would carry credentials wherever the answer says.
 */

export type ExchangeRequest = {
  method: string
  url: URL
  headers: Readonly<Record<string, string>>
  body?: string | undefined
  /** For the whole of it, from connecting to the last byte. */
  timeoutMs: number
  /** How long the server may say nothing, before its answer and within it; without it as long as the whole may take. */
  idleTimeoutMs?: number | undefined
  maxBytes: number
  /** Of an answer that is not a success, which is cut there: its status says what matters. */
  maxErrorBytes?: number | undefined
  /** Where the answer's bytes count; the caller closes it when it is done with them. */
  room?: MemoryReservation | undefined
  signal?: AbortSignal | undefined
}

/** `isUnread`: the words of a refusal were more than are read. */
export type ExchangeResponse = { status: number; headers: IncomingHttpHeaders; text: string; isTruncated: boolean }

/**
 * No answer, or half of one. `mightHaveArrived`: the server may have acted on the request. `isTimeout`: it was waited
 * for in vain.
 */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeFailed'
  readonly mightHaveArrived: boolean
  readonly isTimeout: boolean

  constructor(cause: unknown, { mightHaveArrived }: { mightHaveArrived: boolean }) {
    super('the exchange failed', { cause })
    this.mightHaveArrived = mightHaveArrived
    this.isTimeout = cause instanceof IdleTimeoutError
  }
}

/**
 * @throws {ExchangeError} when there is no whole answer
 * @throws {AppError} too-large or, without room for it, catalog-unavailable, both marked by {@link isUnreadResponse}; forbidden
 *   for an address that is never a catalog's
 * @throws the signal's reason when the caller's own signal fires
 */
export async function exchangeWithLimits(request: ExchangeRequest): Promise<ExchangeResponse> {
  const { method, url, body, timeoutMs, idleTimeoutMs = timeoutMs, maxBytes, signal } = request
  const headers = { ...normalizeHeaders(request.headers), 'accept-encoding': 'gzip' }
  const timeout = AbortSignal.timeout(timeoutMs)
  let mightHaveArrived = false
  try {
    const response = await sendRequest(
      { method, url, headers, body },
      {
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        idleTimeoutMs,
        onConnected: () => {
          mightHaveArrived = true
        },
      },
    )
    const status = response.statusCode ?? 0
    const isError = status >= 400
    const limitBytes = isError ? Math.min(maxBytes, request.maxErrorBytes ?? maxBytes) : maxBytes
    const text = await readBody(response, { ...request, idleTimeoutMs, maxBytes: limitBytes })
    if (text === null && !isError) throw responseTooLarge(maxBytes)
    return { status, headers: response.headers, text: text ?? '', isTruncated: text === null }
  } catch (error) {
    if (error instanceof AppError) throw error
    signal?.throwIfAborted()
    const cause = timeout.aborted ? new IdleTimeoutError(`No whole answer within ${timeoutMs} ms.`) : error
    throw new ExchangeError(cause, { mightHaveArrived })
  }
}

/**
 * Headers with their names in lower case. Judged on their own and without a cause: the failure would repeat the value,
 * which may be a secret.
 *
 * @throws {AppError} invalid-request when one cannot be sent
 */
export function normalizeHeaders(headers: ExchangeRequest['headers']): Record<string, string> {
  try {
    return Object.fromEntries(new Headers({ ...headers }))
  } catch {
    throw new AppError('invalid-request', 'A header or credential of the connection holds a character that none may.')
  }
}

/**
 * The body, unpacked as it comes, so that no more of it is ever in memory than there is room for.
 *
 * @returns null where it is longer than `maxBytes`, of which nothing more is read then
 */
async function readBody(
  response: IncomingMessage,
  {
    maxBytes,
    idleTimeoutMs,
    room,
    signal,
  }: Pick<ExchangeRequest, 'maxBytes' | 'room' | 'signal'> & { idleTimeoutMs: number },
): Promise<string | null> {
  const announcedBytes = contentLength(response)
  if (announcedBytes !== null && announcedBytes > maxBytes) {
    response.destroy()
    return null
  }
  const maxMs = idleTimeoutMs + MAX_MEMORY_WAIT_MS + (announcedBytes ?? maxBytes) / MIN_BYTES_PER_MS
  const timer = setTimeout(() => response.destroy(new IdleTimeoutError('The answer comes all too slowly.')), maxMs)
  try {
    const decoder = new TextDecoder()
    let text = ''
    let length = 0
    for await (const chunk of decompressBody(response, idleTimeoutMs)) {
      length += chunk.length
      if (length > maxBytes) return null
      await room?.grow(chunk.length, signal).catch(rethrowAsUnread)
      text += decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  } finally {
    clearTimeout(timer)
  }
}

function decompressBody(response: IncomingMessage, idleTimeoutMs: number): AsyncIterable<Uint8Array> {
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  const compressed = readChunks(response, idleTimeoutMs)
  const isEmpty = response.statusCode === 204 || response.statusCode === 304 || contentLength(response) === 0
  if (isEmpty || encoding === 'identity') return compressed
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    response.destroy()
    throw new TypeError('The answer is encoded as nobody asked for.')
  }
  // What fails before its end ends the reader, too.
  return pipeline(Readable.from(compressed, { objectMode: false }), createGunzip(), () => {})
}

/** Why the rest of an answer is not there: the server may have done what it was asked for. */
class UnreadResponseError extends Error {
  override readonly name = 'AnswerUnread'
}

/** Whether there was an answer, and it was not read. */
export function isUnreadResponse(error: unknown): boolean {
  return error instanceof AppError && error.cause instanceof UnreadResponseError
}

function rethrowAsUnread(error: unknown): never {
  if (!(error instanceof AppError)) throw error
  const { code, message, facts } = error
  throw new AppError(code, message, { cause: new UnreadResponseError(message), facts: { ...facts } })
}

function responseTooLarge(maxBytes: number): AppError {
  const detail = `The catalog's answer is longer than the ${formatBytes(maxBytes)} that are read of such an answer.`
  return new AppError('too-large', detail, { cause: new UnreadResponseError(detail), facts: { maxBytes } })
}

/** Node's code of the failure, such as `ECONNRESET`; it is on a cause somewhere below. */
export function networkErrorCode(error: unknown): string {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const { code } = cause as { code?: unknown }
    if (typeof code === 'string') return code
    if (cause instanceof AggregateError && cause.errors.length > 0) return networkErrorCode(cause.errors[0])
  }
  return ''
}
