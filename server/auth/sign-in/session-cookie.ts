import 'server-only'
import { decode } from 'next-auth/jwt'
import { z } from 'zod'
import type { Keys } from '@/server/auth/keys'
import type { Config } from '@/server/config/config'

/**
 * What the session's cookie contains: the session and its user. Everything else (role, name, whether it is still open)
 * is looked up at every request, so that a change takes effect at once.
 */
const sessionClaims = z.object({ sessionId: z.string().min(1), sub: z.string().min(1) })
export type SessionClaims = z.output<typeof sessionClaims>

/** Whether people reach the console over https only. */
export function isHttps(config: Pick<Config, 'publicUrl'>): boolean {
  return config.publicUrl.startsWith('https:')
}

/** With `__Host-` the browser itself requires `Secure`, no `Domain` and the path `/`. */
export function cookieName(config: Pick<Config, 'publicUrl'>, kind: 'session' | 'csrf' | 'callback'): string {
  return `${isHttps(config) ? '__Host-' : ''}lakeshore-${kind}`
}

export function sessionSecret(keys: Keys): string {
  return keys.derive('sessions').export().toString('base64url')
}

/** @returns null for a cookie that is missing, not ours, or too old */
export async function readSessionCookie(keys: Keys, cookie: string | undefined): Promise<SessionClaims | null> {
  if (!cookie) return null
  return readSessionClaims(await decode({ token: cookie, secret: sessionSecret(keys) }).catch(() => null)) // not ours
}

export function readSessionClaims(token: unknown): SessionClaims | null {
  return sessionClaims.safeParse(token).data ?? null
}

/** The value of a cookie in a `Cookie` header, by name. */
export function findCookie(header: string | null, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const separatorIndex = pair.indexOf('=')
    if (pair.slice(0, separatorIndex).trim() === name) return pair.slice(separatorIndex + 1).trim()
  }
  return undefined
}
