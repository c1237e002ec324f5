import 'server-only'
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { decode } from 'next-auth/jwt'
import * as z from 'zod'
import type { Keys } from '@/server/auth/keys'
import type { Config } from '@/server/config/config'
import { clock } from '@/server/timing/clock'

/**
 * The content of the session's cookie: the session and its user. Everything else (role, name, whether it is still open)
 * is looked up at every request, so that a change takes effect at once.
 */
const sessionClaims = z.object({ sessionId: z.string().min(1), sub: z.string().min(1) })
export type SessionClaims = z.output<typeof sessionClaims>

/** Whether people reach the console over https only. */
export function isHttps(config: Pick<Config, 'publicUrl'>): boolean {
  return config.publicUrl.startsWith('https:')
}

/** With `__Host-` the browser itself requires `Secure`, no `Domain` and the path `/`. */
export function cookieName(
  config: Pick<Config, 'publicUrl'>,
  kind: 'session' | 'csrf' | 'callback' | 'attempts',
): string {
  return `${isHttps(config) ? '__Host-' : ''}lakeshore-${kind}`
}

export function sessionSecret(keys: Keys): string {
  return keys.derive('sessions').export().toString('base64url')
}

const MAX_CACHED_COOKIES = 1_000

type CookieCache = LRUCache<string, { claims: SessionClaims; expiresAtMs: number }>

/**
 * Claims by the digest of their cookie. Decryption derives a key and takes most of the processor time of a short
 * request, and a browser that reads data files sends hundreds of them.
 */
const CACHES = new WeakMap<Keys, CookieCache>()

/** @returns null for a cookie that is missing, not ours, or too old */
export async function readSessionCookie(keys: Keys, cookie: string | undefined): Promise<SessionClaims | null> {
  if (!cookie) return null
  const cache: CookieCache = CACHES.get(keys) ?? new LRUCache({ max: MAX_CACHED_COOKIES })
  CACHES.set(keys, cache)
  const digest = createHash('sha256').update(cookie).digest('base64url')
  const cached = cache.get(digest)
  if (cached && clock.nowMs() < cached.expiresAtMs) return cached.claims
  const token = await decode({ token: cookie, secret: sessionSecret(keys) }).catch(() => null) // not ours
  const claims = readSessionClaims(token)
  if (claims && typeof token?.exp === 'number') cache.set(digest, { claims, expiresAtMs: token.exp * 1_000 })
  else cache.delete(digest)
  return claims
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
