import 'server-only'
import { createHmac, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import type { Keys } from '@/server/auth/keys'

/**
 * The token that the OAuth endpoint issues for a personal access token: its id, valid for an hour, signed. The personal
 * access token is looked up at every use, so that revoking it takes effect at once. `secretId` says which of its secrets
 * was presented, so that this token ends with that secret; null in one that was issued before secrets could be rotated.
 *
 * Encoded as a JSON Web Token (RFC 7519, HS256), because Java's client reads `exp` from it: only then does it know,
 * after a sleep or an outage, that its token has expired, and requests another with its credential. The rest of that
 * format is not used: the header must equal ours exactly, so no sender chooses how a token is verified.
 */
export type AccessToken = { tokenId: string; secretId: string | null; expiresAtMs: number }

const LIFETIME_MS = 3_600_000
const HEADER = encodeBase64Url({ alg: 'HS256', typ: 'JWT' })

const claims = z.object({ sub: z.string(), exp: z.int(), sid: z.string().optional() })

/** @param maxExpiresAtMs when the personal access token expires; the access token does not outlive it */
export function signAccessToken(
  keys: Keys,
  { tokenId, secretId, maxExpiresAtMs }: { tokenId: string; secretId?: string; maxExpiresAtMs: number },
  nowMs: number,
): { text: string; expiresAtMs: number } {
  const exp = Math.min(Math.ceil((nowMs + LIFETIME_MS) / 1000), Math.floor(maxExpiresAtMs / 1000))
  const payload: z.input<typeof claims> = { sub: tokenId, exp, ...(secretId !== undefined && { sid: secretId }) }
  const signingInput = `${HEADER}.${encodeBase64Url(payload)}`
  return { text: `${signingInput}.${computeSignature(keys, signingInput)}`, expiresAtMs: exp * 1000 }
}

/** Reads one of our access tokens, even an expired one; null for any other text. */
export function readAccessToken(keys: Keys, text: string): AccessToken | null {
  const [header, payload, signature, ...more] = text.split('.')
  if (header !== HEADER || !payload || !signature || more.length > 0) return null
  if (!isValidSignature(keys, signature, `${header}.${payload}`)) return null
  const { sub, exp, sid = null } = claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
  return { tokenId: sub, secretId: sid, expiresAtMs: exp * 1000 }
}

export function mightBeAccessToken(text: string): boolean {
  return text.startsWith(`${HEADER}.`)
}

function encodeBase64Url(fields: object): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url')
}

function isValidSignature(keys: Keys, candidate: string, signingInput: string): boolean {
  const signature = Buffer.from(candidate)
  const expected = Buffer.from(computeSignature(keys, signingInput))
  return signature.length === expected.length && timingSafeEqual(signature, expected)
}

function computeSignature(keys: Keys, signingInput: string): string {
  return createHmac('sha256', keys.derive('access tokens')).update(signingInput).digest('base64url')
}
