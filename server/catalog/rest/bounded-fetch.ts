import 'server-only'
import { AppError } from '@/lib/errors'

/**
 * One HTTP exchange with a server that is not trusted: bounded in time and in bytes, and without following
 * redirects, which would carry credentials wherever the answer says.
 */

export type Exchange = {
  method: string
  url: URL
  headers: Readonly<Record<string, string>>
  body?: string | undefined
  /** For the whole of it, from connecting to the last byte. */
  timeoutMs: number
  maxBytes: number
  signal?: AbortSignal | undefined
}

export type Exchanged = { status: number; headers: Headers; text: string }

/** No answer, or half of one. `mightHaveArrived`: the server may have acted on the request. */
export class ExchangeFailed extends Error {
  override readonly name = 'ExchangeFailed'
  readonly mightHaveArrived: boolean

  constructor(cause: unknown, { mightHaveArrived }: { mightHaveArrived: boolean }) {
    super('the exchange failed', { cause })
    this.mightHaveArrived = mightHaveArrived
  }
}

/** Failures before a byte of the request was sent: of names, addresses, connecting and the server's certificate. */
const BEFORE_SENDING =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_.*|ERR_SSL_.*|CERT_.*|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*)$/

/**
 * @throws {ExchangeFailed} when there is no whole answer
 * @throws {AppError} too-large
 * @throws the signal's reason when the caller's own signal fires
 */
export async function boundedFetch(exchange: Exchange): Promise<Exchanged> {
  const { method, url, body, timeoutMs, maxBytes, signal } = exchange
  const headers = headersOf(exchange.headers)
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body !== undefined && { body }),
      redirect: 'manual',
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    return { status: response.status, headers: response.headers, text: await textOf(response, maxBytes) }
  } catch (error) {
    if (error instanceof AppError) throw error
    signal?.throwIfAborted()
    throw new ExchangeFailed(error, { mightHaveArrived: !BEFORE_SENDING.test(networkCode(error)) })
  }
}

/** Judged on their own and without a cause: the failure would repeat the value, which may be a secret. */
function headersOf(headers: Exchange['headers']): Headers {
  try {
    return new Headers({ ...headers })
  } catch {
    throw new AppError('invalid-request', 'A header or credential of the connection holds a character that none may.')
  }
}

async function textOf({ body }: Response, maxBytes: number): Promise<string> {
  if (body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let byteCount = 0
  // Leaving the loop by an error cancels the stream and with it the connection.
  for await (const chunk of body) {
    byteCount += chunk.byteLength
    if (byteCount > maxBytes) {
      throw new AppError('too-large', `The catalog's answer is longer than ${maxBytes} bytes.`, { facts: { maxBytes } })
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
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
