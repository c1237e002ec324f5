import 'server-only'

/**
 * The address a request comes from, read from its `X-Forwarded-For` after the web server has normalized it: the address
 * of the connection, or what the nearest proxy wrote if one is configured. A client that bypasses that proxy can forge
 * it, so no security decision may rest on it alone.
 */
export function clientAddress(forwardedFor: string | null): string {
  return forwardedFor?.split(',').at(-1)?.trim() || 'unknown'
}
