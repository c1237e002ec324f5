import type { Endpoint } from '@/lib/contract/endpoint'
import { AppError } from '@/lib/errors'
import { fetchOrThrow } from './fetch-or-throw'
import { responseError } from './response-error'

type RequestedEndpoint = Pick<Endpoint, 'method' | 'path' | 'permission'>

/** Sends a request for an endpoint where there is no browser: while the server renders a page. */
export type PageTransport = (endpoint: RequestedEndpoint, url: string, init: RequestInit) => Promise<Response>

/**
 * `isRetry`: the user clicked *Try again*, so the server contacts a catalog that just failed to answer at once.
 * `transport`: sends the request instead of `fetch`.
 */
export type CallOptions = { signal?: AbortSignal; isRetry?: boolean; transport?: PageTransport | undefined }

/**
 * Sends the fields of an input, as they are on the wire: those named in the path there, the rest as query or body.
 *
 * @param fetchUrl sends the request
 * @returns the body, or undefined if it is not JSON
 * @throws {AppError} as `call`, but for the contract's refusals
 */
export async function request(
  { method, path }: Pick<Endpoint, 'method' | 'path'>,
  fields: Record<string, unknown>,
  { signal, isRetry = false }: Pick<CallOptions, 'signal' | 'isRetry'>,
  fetchUrl: (url: string, init: RequestInit) => Promise<Response> = fetchOrThrow,
): Promise<{ response: Response; body: unknown }> {
  const remaining = { ...fields }
  const filledPath = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = String(remaining[name])
    delete remaining[name]
    // A URL takes them for steps in its path, percent-encoded too: the request would go to another endpoint.
    if (value === '.' || value === '..')
      throw new AppError('invalid-request', `Nothing can be named ${value}: an address takes it for a relative path.`)
    return encodeURIComponent(value)
  })
  const hasBody = method === 'POST' || method === 'PUT'
  const response = await fetchUrl(hasBody ? filledPath : filledPath + queryString(remaining), {
    method,
    headers: {
      ...(hasBody && { 'content-type': 'application/json' }),
      ...(isRetry && { 'cache-control': 'no-cache' }),
    },
    ...(hasBody && { body: JSON.stringify(remaining) }),
    ...(signal && { signal }),
  })
  const body: unknown = await response.json().catch((cause: unknown) => {
    if (signal?.aborted) throw new AppError('cancelled', 'The request was cancelled.', { cause })
    return undefined // not JSON: no shape fits it
  })
  if (!response.ok) throw responseError(response, body)
  return { response, body }
}

function queryString(fields: Record<string, unknown>): string {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return entries.length ? `?${new URLSearchParams(entries.map(([k, v]) => [k, String(v)]))}` : ''
}
