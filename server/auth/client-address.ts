import 'server-only'

/**
 * Where a request comes from, as its `X-Forwarded-For` says. Next sets the header from the connection unless a proxy
 * did; the last address is the nearest proxy's word. It can be made up where there is no proxy, so nothing may rest
 * on it alone.
 */
export function addressOf(forwardedFor: string | null): string {
  return forwardedFor?.split(',').at(-1)?.trim() || 'unknown'
}
