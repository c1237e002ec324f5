import 'server-only'
import { headers } from 'next/headers'
import type { Endpoint } from '@/lib/contract/endpoint'
import { decodeSegments } from '@/server/http/address-index'
import { runningProgram } from './slot'

/**
 * Answers a reading endpoint for the user who loads a page. It is the request that the page would send itself: the
 * program identifies the caller by the cookie of the page, checks input and permission, and logs a failure.
 *
 * @param url path and query of the endpoint
 * @throws {Error} for an endpoint that changes something: a page that is opened from another site must not
 */
export async function fetchForPage(
  { method, path, permission }: Pick<Endpoint, 'method' | 'path' | 'permission'>,
  url: string,
  { body, signal, headers: ownHeaders }: RequestInit,
): Promise<Response> {
  if (method !== 'GET' && !permission.endsWith(':read')) throw new Error(`A page does not call ${method} ${path}.`)
  const pageHeaders = await headers()
  const requestHeaders = new Headers(ownHeaders)
  for (const name of ['cookie', 'x-forwarded-for']) {
    const value = pageHeaders.get(name)
    if (value !== null) requestHeaders.set(name, value)
  }
  const request = new Request(new URL(url, 'http://page.invalid'), {
    method,
    headers: requestHeaders,
    body: body ?? null,
    signal: signal ?? null,
  })
  return runningProgram().handle(method, decodeSegments(new URL(request.url).pathname), request)
}
