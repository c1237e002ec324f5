import { NextRequest } from 'next/server'
import { readPageHeaders } from './page-request'

/**
 * Stands in for `next/headers` in tests of the server (see `vitest.config.ts`), where Next renders no page: the request
 * that the test has set.
 */
export async function headers(): Promise<Headers> {
  return readPageHeaders()
}

export async function cookies(): Promise<NextRequest['cookies']> {
  return new NextRequest('http://page.invalid', { headers: readPageHeaders() }).cookies
}
