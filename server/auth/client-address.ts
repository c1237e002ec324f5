import 'server-only'

/**
 * Where a request comes from, as its `X-Forwarded-For` says once the web server has settled it: the address of the
 * connection, or the nearest proxy's word where one is said to stand in front. Whoever comes past that proxy can make
 * it up, so nothing may rest on it alone.
 */
export function clientAddress(forwardedFor: string | null): string {
  return forwardedFor?.split(',').at(-1)?.trim() || 'unknown'
}
