import 'server-only'
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { config } from '@/server/config'

export type KeyPurpose = 'sessions' | 'file tokens' | 'access tokens' | 'sign-in tries' | 'hidden values'

/** Derived once, and as a key object, which costs an HMAC a seventh of bytes: tokens are checked thousands of times a second. */
const derived = new Map<string, KeyObject>()

/** A key of its own for each purpose, all from the one secret (HKDF, RFC 5869): none tells anything of another. */
export function derivedKey(purpose: KeyPurpose): KeyObject {
  const { secret } = config()
  const known = derived.get(`${purpose} ${secret}`)
  if (known) return known
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `lakeshore ${purpose} v1`, 32)))
  derived.set(`${purpose} ${secret}`, key)
  return key
}
