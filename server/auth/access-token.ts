import 'server-only'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { derivedKey } from './derived-key'

/**
 * What the OAuth endpoint gives for a personal access token: its id, for an hour, signed. The token itself is looked
 * up at every use, so that revoking it acts at once. Written `lsa_<payload>.<signature>`: two parts, since Java's
 * client takes three for a JSON web token and reads its middle.
 */
export type AccessToken = { tokenId: string; expiresAtMs: number }

const LIFE_MS = 3_600_000
const PREFIX = 'lsa_'

const payload = z.tuple([z.literal(1), z.string(), z.int()])

/** @param longestUntilMs when the personal access token ends; this one does not outlive it */
export function signAccessToken(
  { tokenId, longestUntilMs }: { tokenId: string; longestUntilMs: number },
  nowMs: number,
): { text: string; expiresAtMs: number } {
  const expiresAtMs = Math.min(nowMs + LIFE_MS, longestUntilMs)
  const fields: z.input<typeof payload> = [1, tokenId, expiresAtMs]
  const signed = PREFIX + Buffer.from(JSON.stringify(fields)).toString('base64url')
  return { text: `${signed}.${signatureOf(signed)}`, expiresAtMs }
}

/** One of ours, also when it has expired; null for any other text. */
export function readAccessToken(text: string): AccessToken | null {
  const [signed, signature, ...more] = text.split('.')
  if (!signed?.startsWith(PREFIX) || !signature || more.length > 0 || !isSignature(signature, signed)) return null
  const [, tokenId, expiresAtMs] = payload.parse(
    JSON.parse(Buffer.from(signed.slice(PREFIX.length), 'base64url').toString('utf8')),
  )
  return { tokenId, expiresAtMs }
}

export function looksLikeAccessToken(text: string): boolean {
  return text.startsWith(PREFIX)
}

function isSignature(given: string, signed: string): boolean {
  const signature = Buffer.from(given)
  const expected = Buffer.from(signatureOf(signed))
  return signature.length === expected.length && timingSafeEqual(signature, expected)
}

let key: Buffer | null = null

function signatureOf(signed: string): string {
  key ??= derivedKey('access tokens')
  return createHmac('sha256', key).update(signed).digest('base64url')
}
