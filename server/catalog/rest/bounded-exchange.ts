import 'server-only'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { type AnswerRoom, ROOM_WAIT_MS } from '@/server/http-out/answer-room'
import { chunksOf, contentLength, exchange, SilenceError, SLOWEST_BYTES_PER_MS } from '@/server/http-out/http-exchange'

/**
 * One HTTP exchange with a server that is not trusted: bounded in time and in bytes, also of what they are when
 * unpacked, and without following redirects, which would carry credentials wherever the answer says.
 */

export type Exchange = {
  method: string
  url: URL
  headers: Readonly<Record<string, string>>
  body?: string | undefined
  /** For the whole of it, from connecting to the last byte. */
  timeoutMs: number
  /** How long the server may say nothing, before its answer and within it; without it as long as the whole may take. */
  silenceMs?: number | undefined
  maxBytes: number
  /** Of an answer that is not a success, which is cut there: its status says what matters. */
  maxErrorBytes?: number | undefined
  /** Where the answer's bytes count; the caller closes it when it is done with them. */
  room?: AnswerRoom | undefined
  signal?: AbortSignal | undefined
}

/** `isUnread`: the words of a refusal were more than are read. */
export type Exchanged = { status: number; headers: IncomingHttpHeaders; text: string; isUnread: boolean }

/**
 * No answer, or half of one. `mightHaveArrived`: the server may have acted on the request. `isSilence`: it was waited
 * for in vain.
 */
export class ExchangeFailed extends Error {
  override readonly name = 'ExchangeFailed'
  readonly mightHaveArrived: boolean
  readonly isSilence: boolean

  constructor(cause: unknown, { mightHaveArrived }: { mightHaveArrived: boolean }) {
    super('the exchange failed', { cause })
    this.mightHaveArrived = mightHaveArrived
    this.isSilence = cause instanceof SilenceError
  }
}

/**
 * @throws {ExchangeFailed} when there is no whole answer
 * @throws {AppError} too-large or, without room for it, catalog-unavailable, both marked by {@link isUnread}; forbidden
 *   for an address that is never a catalog's
 * @throws the signal's reason when the caller's own signal fires
 */
export async function boundedExchange(asked: Exchange): Promise<Exchanged> {
  const { method, url, body, timeoutMs, silenceMs = timeoutMs, maxBytes, signal } = asked
  const headers = { ...checkedHeaders(asked.headers), 'accept-encoding': 'gzip' }
  const timeout = AbortSignal.timeout(timeoutMs)
  let mightHaveArrived = false
  try {
    const answer = await exchange(
      { method, url, headers, body },
      {
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        silenceMs,
        onConnected: () => {
          mightHaveArrived = true
        },
      },
    )
    const status = answer.statusCode ?? 0
    const isError = status >= 400
    const mostBytes = isError ? Math.min(maxBytes, asked.maxErrorBytes ?? maxBytes) : maxBytes
    const text = await textOf(answer, { ...asked, silenceMs, maxBytes: mostBytes })
    if (text === null && !isError) throw tooLarge(maxBytes)
    return { status, headers: answer.headers, text: text ?? '', isUnread: text === null }
  } catch (error) {
    if (error instanceof AppError) throw error
    signal?.throwIfAborted()
    const cause = timeout.aborted ? new SilenceError(`No whole answer within ${timeoutMs} ms.`) : error
    throw new ExchangeFailed(cause, { mightHaveArrived })
  }
}

/**
 * Headers with their names in lower case. Judged on their own and without a cause: the failure would repeat the value,
 * which may be a secret.
 *
 * @throws {AppError} invalid-request when one cannot be sent
 */
export function checkedHeaders(headers: Exchange['headers']): Record<string, string> {
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
async function textOf(
  answer: IncomingMessage,
  { maxBytes, silenceMs, room, signal }: Pick<Exchange, 'maxBytes' | 'room' | 'signal'> & { silenceMs: number },
): Promise<string | null> {
  const announced = contentLength(answer)
  if (announced !== null && announced > maxBytes) {
    answer.destroy()
    return null
  }
  const longestMs = silenceMs + ROOM_WAIT_MS + (announced ?? maxBytes) / SLOWEST_BYTES_PER_MS
  const timer = setTimeout(() => answer.destroy(new SilenceError('The answer comes all too slowly.')), longestMs)
  try {
    const decoder = new TextDecoder()
    let text = ''
    let length = 0
    for await (const chunk of unpacked(answer, silenceMs)) {
      length += chunk.length
      if (length > maxBytes) return null
      await room?.grow(chunk.length, signal).catch(asUnread)
      text += decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  } finally {
    clearTimeout(timer)
  }
}

function unpacked(answer: IncomingMessage, silenceMs: number): AsyncIterable<Uint8Array> {
  const encoding = answer.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  const packed = chunksOf(answer, silenceMs)
  const isEmpty = answer.statusCode === 204 || answer.statusCode === 304 || contentLength(answer) === 0
  if (isEmpty || encoding === 'identity') return packed
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    answer.destroy()
    throw new TypeError('The answer is encoded as nobody asked for.')
  }
  // What fails before its end ends the reader, too.
  return pipeline(Readable.from(packed, { objectMode: false }), createGunzip(), () => {})
}

/** Why the rest of an answer is not there: the server may have done what it was asked for. */
class AnswerUnread extends Error {
  override readonly name = 'AnswerUnread'
}

/** Whether there was an answer, and it was not read. */
export function isUnread(error: unknown): boolean {
  return error instanceof AppError && error.cause instanceof AnswerUnread
}

function asUnread(error: unknown): never {
  if (!(error instanceof AppError)) throw error
  const { code, message, facts } = error
  throw new AppError(code, message, { cause: new AnswerUnread(message), facts: { ...facts } })
}

function tooLarge(maxBytes: number): AppError {
  const detail = `The catalog's answer is longer than the ${formatBytes(maxBytes)} that are read of such an answer.`
  return new AppError('too-large', detail, { cause: new AnswerUnread(detail), facts: { maxBytes } })
}

/** Node's code of the failure, such as `ECONNRESET`; it is on a cause somewhere below. */
export function networkCode(error: unknown): string {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const { code } = cause as { code?: unknown }
    if (typeof code === 'string') return code
    if (cause instanceof AggregateError && cause.errors.length > 0) return networkCode(cause.errors[0])
  }
  return ''
}
