import 'server-only'
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { AppError } from '@/lib/errors'

/** Stored in every hash, so it may grow. */
type PasswordCost = { logN: number; r: number; p: number }

/** OWASP Password Storage Cheat Sheet: N 2^15, r 8, p 3 (32 MiB each). */
const COST: PasswordCost = { logN: 15, r: 8, p: 3 }
const SALT_BYTES = 16
const KEY_BYTES = 32
const MAX_MEMORY_BYTES = 64 * 1024 * 1024

/** Each hash occupies a thread of Node's small pool, which file reads share. */
const MAX_CONCURRENT_HASHES = 2
const MAX_WAITING_HASHES = 32

/** Hashes and checks passwords, with limited concurrency. */
export class Passwords {
  readonly #cost: PasswordCost
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** @param cost of new hashes; another one only for tests */
  constructor(cost: PasswordCost = COST) {
    this.#cost = cost
  }

  /** @returns `scrypt$logN$r$p$salt$key`, salt and key as base64url */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES)
    const key = await this.#derive(password, salt, this.#cost)
    return toHash(this.#cost, salt.toString('base64url'), key.toString('base64url'))
  }

  /**
   * Whether the password matches the hash. Takes as long for an unknown user (`null`), so that the time does not reveal
   * which users exist.
   *
   * @throws {AppError} too-many-requests when too many passwords are being checked at once
   */
  async matches(password: string, hash: string | null): Promise<boolean> {
    const { cost, salt, key } = parseHash(hash ?? toHash(this.#cost, 'A'.repeat(22), 'A'.repeat(43)))
    const isSame = timingSafeEqual(await this.#derive(password, salt, cost), key)
    return isSame && hash !== null
  }

  async #derive(password: string, salt: Buffer, { logN, r, p }: PasswordCost): Promise<Buffer> {
    if (this.#running < MAX_CONCURRENT_HASHES) {
      this.#running += 1
    } else {
      if (this.#waiting.length >= MAX_WAITING_HASHES) {
        throw new AppError('too-many-requests', 'Too many people are signing in right now. Try again in a moment.', {
          facts: { pauseSeconds: 5 },
        })
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    try {
      return await new Promise((resolve, reject) => {
        const options = { N: 2 ** logN, r, p, maxmem: MAX_MEMORY_BYTES }
        scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
          error ? reject(error) : resolve(key),
        )
      })
    } finally {
      const next = this.#waiting.shift()
      if (next)
        next() // the next waiter takes the slot
      else this.#running -= 1
    }
  }
}

/** 20 characters that look distinct in any font: about 100 bits. */
export function generatePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const characters = Array.from(randomBytes(64))
    .filter((byte) => byte < letters.length * 8) // every letter equally often
    .map((byte) => letters[byte % letters.length])
    .slice(0, 20)
  return characters.join('').replace(/(.{5})(?=.)/g, '$1-')
}

function toHash({ logN, r, p }: PasswordCost, salt: string, key: string): string {
  return ['scrypt', logN, r, p, salt, key].join('$')
}

function parseHash(hash: string) {
  const [kind, logN, r, p, salt, key] = hash.split('$')
  if (kind !== 'scrypt' || !salt || !key) throw new Error('a stored password hash has an unknown format')
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  }
}
