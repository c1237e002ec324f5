import 'server-only'
import { hkdfSync } from 'node:crypto'
import { config } from '@/server/config'

export type KeyPurpose = 'sessions' | 'file tokens' | 'access tokens' | 'sign-in tries'

/** A key of its own for each purpose, all from the one secret (HKDF, RFC 5869): none tells anything of another. */
export function derivedKey(purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', config().secret, '', `lakeshore ${purpose} v1`, 32))
}
