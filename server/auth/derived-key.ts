import 'server-only'
import { hkdfSync } from 'node:crypto'
import { config } from '@/server/config'

export type KeyPurpose = 'sessions' | 'file tokens' | 'access tokens' | 'sign-in tries'

/** Derived once: tokens are checked thousands of times a second. */
const derived = new Map<string, Buffer>()

/** A key of its own for each purpose, all from the one secret (HKDF, RFC 5869): none tells anything of another. */
export function derivedKey(purpose: KeyPurpose): Buffer {
  const { secret } = config()
  const known = derived.get(`${purpose} ${secret}`)
  if (known) return known
  const key = Buffer.from(hkdfSync('sha256', secret, '', `lakeshore ${purpose} v1`, 32))
  derived.set(`${purpose} ${secret}`, key)
  return key
}
