import { type NextRequest, NextResponse } from 'next/server'
import { contentSecurityPolicy, pageHeaders } from '@/server/http/page-headers'
import { PAGE_ADDRESS_HEADER } from '@/server/program/page-address'
import { runningProgram } from '@/server/program/slot'

/**
 * Gives every page its headers. It checks no permissions: the server checks them where it reads data. Only pages pass
 * through here, because Next truncates request bodies over 10 MB that do.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(18))).toString('base64')
  const policy = contentSecurityPolicy(nonce, { isDevelopment: process.env.NODE_ENV === 'development' })
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  headers.set('content-security-policy', policy) // Next puts this nonce on its own scripts
  headers.set(PAGE_ADDRESS_HEADER, request.nextUrl.pathname + request.nextUrl.search)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  const securityHeaders = pageHeaders({ isHttps: runningProgram().isHttps() })
  for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value)
  return response
}

// Only folders that hold no page are left out; a name with a dot in it is a page like any other.
export const config = {
  matcher: ['/((?!api/|iceberg/|_next/static/|_next/image|duckdb/|healthz$|readyz$|metrics$|favicon.ico$).*)'],
}
