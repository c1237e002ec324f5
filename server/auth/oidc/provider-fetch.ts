import 'server-only'
import { AppError } from '@/lib/errors'
import { readBody, sendRequest } from '@/server/http-out/send-request'
import { clock } from '@/server/timing/clock'

/** Discovery documents, key sets and tokens have a few kilobytes. */
const MAX_RESPONSE_BYTES = 512 * 1024
const TIMEOUT_MS = 8_000

type FetchOptions = {
  method?: string
  headers?: ConstructorParameters<typeof Headers>[0]
  body?: unknown
  signal?: AbortSignal | null | undefined
}

export type ProviderFetch = (url: string | URL, options?: FetchOptions) => Promise<Response>

/**
 * Sends requests to the identity provider. An admin configured the issuer, so it may be inside the network. The issuer's
 * documents name further addresses: on other hosts they must be outside, with https, so that no document steers a
 * request into the network. No redirect is followed.
 *
 * @returns rejects with {AppError} identity-provider-unavailable, forbidden for an address that may not be used
 */
export function createProviderFetch(issuer: string): ProviderFetch {
  const { origin } = new URL(issuer)
  return async (address, { method = 'GET', headers, body, signal } = {}) => {
    const url = new URL(address)
    const isIssuer = url.origin === origin
    if (!isIssuer && url.protocol !== 'https:') {
      throw new AppError('forbidden', `The identity provider names the address ${url.origin}, which has no https.`)
    }
    try {
      const timeout = clock.deadline(TIMEOUT_MS)
      const response = await sendRequest(
        { method, url, headers: Object.fromEntries(new Headers(headers)), body: toBody(body) },
        { reach: isIssuer ? 'anywhere' : 'outside', signal: signal ? AbortSignal.any([signal, timeout]) : timeout },
      )
      const bytes = await readBody(response, MAX_RESPONSE_BYTES)
      if (bytes === null) throw new Error(`${url.origin} sent more than ${MAX_RESPONSE_BYTES} bytes.`)
      const status = response.statusCode ?? 0
      if (status >= 500) throw new Error(`${url.origin} answered with status ${status}.`)
      return new Response(bytes.length === 0 ? null : new Uint8Array(bytes), {
        status,
        headers: { 'content-type': response.headers['content-type'] ?? '' },
      })
    } catch (cause) {
      if (cause instanceof AppError) throw cause
      throw providerUnavailableError(cause)
    }
  }
}

export function providerUnavailableError(cause: unknown): AppError {
  return new AppError('identity-provider-unavailable', 'The identity provider did not answer. Try again in a moment.', {
    cause,
  })
}

function toBody(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  if (body instanceof URLSearchParams) return body.toString()
  throw new Error('The body of a request to the identity provider has an unknown type.')
}
