import { NextRequest } from 'next/server'

/**
 * Stands in for `next/headers` in tests of the server (see `vitest.config.ts`), where Next renders no page: the request
 * that the test has set.
 */
let pageHeaders: Headers | null = null

/** Makes this the request of the page whose parts the test calls next, until another is set. */
export function setPageRequest(requestHeaders: Headers): void {
  pageHeaders = requestHeaders
}

function readPageHeaders(): Headers {
  if (pageHeaders === null) throw new Error('No page is requested: the test sets a request first.')
  return pageHeaders
}

export async function headers(): Promise<Headers> {
  return readPageHeaders()
}

export async function cookies(): Promise<NextRequest['cookies']> {
  return new NextRequest('http://page.invalid', { headers: readPageHeaders() }).cookies
}
