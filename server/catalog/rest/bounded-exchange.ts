import 'server-only'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { AppError } from '@/lib/errors'
import { bytesOf, exchange, SilenceError } from '@/server/http-out/http-exchange'

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
  signal?: AbortSignal | undefined
}

export type Exchanged = { status: number; headers: IncomingHttpHeaders; text: string }

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
 * @throws {AppError} too-large; forbidden for an address that is never a catalog's
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
    const bytes = await bytesOf(answer, maxBytes, silenceMs)
    const text = bytes && new TextDecoder().decode(await unpacked(bytes, answer, maxBytes))
    if (text === null) throw tooLarge(maxBytes)
    return { status: answer.statusCode ?? 0, headers: answer.headers, text }
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

const unzipped = promisify(gunzip)

/** @throws {AppError} too-large when there is more in it than `maxBytes` */
async function unpacked(bytes: Uint8Array, { headers }: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (bytes.length === 0 || encoding === 'identity') return bytes
  if (encoding !== 'gzip' && encoding !== 'x-gzip') throw new TypeError('The answer is encoded as nobody asked for.')
  try {
    return await unzipped(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    throw networkCode(error) === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(maxBytes) : error
  }
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('too-large', `The catalog's answer is longer than ${maxBytes} bytes.`, { facts: { maxBytes } })
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
