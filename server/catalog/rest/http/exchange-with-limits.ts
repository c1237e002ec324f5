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
import { clock } from '@/server/timing/clock'

/**
 * One HTTP exchange with an untrusted server. It limits the time and the bytes, before and after decompression. It
 * follows no redirects, because they would carry credentials to whatever server the response names.
 */

export type ExchangeRequest = {
  method: string
  url: URL
  headers: Readonly<Record<string, string>>
  body?: string | undefined
  /** For the whole exchange, from connecting to the last byte. */
  timeoutMs: number
  /** How long the server may send nothing, before and within its response; by default `timeoutMs`. */
  idleTimeoutMs?: number | undefined
  maxBytes: number
  /** Limit of an error response, which is cut there, because its status matters most. */
  maxErrorBytes?: number | undefined
  /** Counts the response's bytes; the caller closes it when it no longer needs them. */
  room?: MemoryReservation | undefined
  signal?: AbortSignal | undefined
}

/** `isTruncated`: the error body exceeded the limit and was not read. */
export type ExchangeResponse = { status: number; headers: IncomingHttpHeaders; text: string; isTruncated: boolean }

/**
 * There was no response, or only a part. `mightHaveArrived`: the server may have acted on the request. `isTimeout`: the
 * server did not answer in time.
 */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError'
  readonly mightHaveArrived: boolean
  readonly isTimeout: boolean

  constructor(cause: unknown, { mightHaveArrived }: { mightHaveArrived: boolean }) {
    super('the exchange failed', { cause })
    this.mightHaveArrived = mightHaveArrived
    this.isTimeout = cause instanceof IdleTimeoutError
  }
}

/**
 * @throws {ExchangeError} when there is no complete response
 * @throws {AppError} too-large or, without memory for it, catalog-unavailable, both marked for {@link
 *   isUnreadResponse}; forbidden for an address that can never be a catalog's
 * @throws the signal's reason when the caller's own signal fires
 */
export async function exchangeWithLimits(request: ExchangeRequest): Promise<ExchangeResponse> {
  const { method, url, body, timeoutMs, idleTimeoutMs = timeoutMs, maxBytes, signal } = request
  const headers = { ...normalizeHeaders(request.headers), 'accept-encoding': 'gzip' }
  const timeout = clock.deadline(timeoutMs)
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
    if (text === null && !isError) throw responseTooLargeError(maxBytes)
    return { status, headers: response.headers, text: text ?? '', isTruncated: text === null }
  } catch (error) {
    if (error instanceof AppError) throw error
    signal?.throwIfAborted()
    const cause = timeout.aborted ? new IdleTimeoutError(`No complete response within ${timeoutMs} ms.`) : error
    throw new ExchangeError(cause, { mightHaveArrived })
  }
}

/**
 * Headers with their names in lower case. Checked separately, and the error has no cause, because the original error
 * would repeat the value, which may be a secret.
 *
 * @throws {AppError} invalid-request when a header cannot be sent
 */
export function normalizeHeaders(headers: ExchangeRequest['headers']): Record<string, string> {
  try {
    return Object.fromEntries(new Headers({ ...headers }))
  } catch {
    throw new AppError(
      'invalid-request',
      'A header or credential of the connection contains a character that HTTP headers do not allow.',
    )
  }
}

/**
 * Reads the body and decompresses it chunk by chunk, so that memory never holds more of it than was reserved.
 *
 * @returns null when it is longer than `maxBytes`; the rest is not read
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
  const timer = clock.after(maxMs, () => response.destroy(new IdleTimeoutError('The response arrives too slowly.')))
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
    timer.cancel()
  }
}

function decompressBody(response: IncomingMessage, idleTimeoutMs: number): AsyncIterable<Uint8Array> {
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  const compressed = readChunks(response, idleTimeoutMs)
  const isEmpty = response.statusCode === 204 || response.statusCode === 304 || contentLength(response) === 0
  if (isEmpty || encoding === 'identity') return compressed
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    response.destroy()
    throw new TypeError('The response has a content encoding that was not requested.')
  }
  // An error before the end also ends the reader.
  return pipeline(Readable.from(compressed, { objectMode: false }), createGunzip(), () => {})
}

/** Marks a response that was not read: the server may have carried out the request. */
class UnreadResponseError extends Error {
  override readonly name = 'UnreadResponseError'
}

/** Whether there was a response that was not read. */
export function isUnreadResponse(error: unknown): boolean {
  return error instanceof AppError && error.cause instanceof UnreadResponseError
}

function rethrowAsUnread(error: unknown): never {
  if (!(error instanceof AppError)) throw error
  const { code, message, facts } = error
  throw new AppError(code, message, { cause: new UnreadResponseError(message), facts: { ...facts } })
}

function responseTooLargeError(maxBytes: number): AppError {
  const detail = `The catalog's response is longer than ${formatBytes(maxBytes)}, the limit for this kind of response.`
  return new AppError('too-large', detail, { cause: new UnreadResponseError(detail), facts: { maxBytes } })
}

/** Node's code of the failure, such as `ECONNRESET`, found along the chain of causes. */
export function networkErrorCode(error: unknown): string {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const { code } = cause as { code?: unknown }
    if (typeof code === 'string') return code
    if (cause instanceof AggregateError && cause.errors.length > 0) return networkErrorCode(cause.errors[0])
  }
  return ''
}
