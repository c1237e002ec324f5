import 'server-only'
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { Config } from '@/server/config'

export type KeyPurpose = 'sessions' | 'file tokens' | 'access tokens' | 'sign-in tries' | 'hidden values'

/** A key of its own for each purpose, all from the one secret (HKDF, RFC 5869): none tells anything of another. */
export class Keys {
  readonly #secret: string
  /** Derived once, and as key objects, which cost an HMAC a seventh of bytes: tokens are checked thousands of times a second. */
  readonly #derived = new Map<KeyPurpose, KeyObject>()

  constructor({ secret }: Pick<Config, 'secret'>) {
    this.#secret = secret
  }

  derive(purpose: KeyPurpose): KeyObject {
    const known = this.#derived.get(purpose)
    if (known) return known
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', this.#secret, '', `lakeshore ${purpose} v1`, 32)))
    this.#derived.set(purpose, key)
    return key
  }
}
