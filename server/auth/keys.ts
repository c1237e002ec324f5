import 'server-only'
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Config } from '@/server/config/config'

export type KeyPurpose =
  | 'sessions'
  | 'plan tokens'
  | 'access tokens'
  | 'sign-in attempts'
  | 'hidden values'
  | 'provider sign-ins'

const MAX_DIGEST_BYTES = 256 * 1024

/** A separate key for each purpose, all derived from the one secret (HKDF, RFC 5869): no key reveals another. */
export class Keys {
  readonly #secret: string
  /** Derived once. An HMAC with a key object costs a seventh of one with bytes, and tokens are checked very often. */
  readonly #derived = new Map<KeyPurpose, KeyObject>()
  /** Requests of one client need the same few digests. */
  readonly #digests = new LRUCache<string, string>({ maxSize: MAX_DIGEST_BYTES })

  constructor({ secret }: Pick<Config, 'secret'>) {
    this.#secret = secret
  }

  derive(purpose: KeyPurpose): KeyObject {
    const cached = this.#derived.get(purpose)
    if (cached) return cached
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', this.#secret, '', `lakeshore ${purpose} v1`, 32)))
    this.#derived.set(purpose, key)
    return key
  }

  /** @returns HMAC-SHA-256 of the text, base64url */
  digest(purpose: KeyPurpose, text: string): string {
    const cacheKey = `${purpose} ${text}`
    const cached = this.#digests.get(cacheKey)
    if (cached !== undefined) return cached
    const digest = createHmac('sha256', this.derive(purpose)).update(text).digest('base64url')
    this.#digests.set(cacheKey, digest, { size: cacheKey.length + digest.length })
    return digest
  }
}
