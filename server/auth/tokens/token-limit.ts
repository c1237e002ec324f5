import 'server-only'
import { AppError } from '@/lib/errors'
import type { Keys } from '@/server/auth/keys'
import type { Database } from '@/server/db/database'
import { countAttempts, readAttemptCounts } from '@/server/db/auth/sign-in-attempts'
import type { AuthServices } from '@/server/auth/auth-services'

/**
 * How many guesses at a token are allowed. Guesses at one token from one address are counted. During a pause that token
 * is refused from that address, even if it is correct. Other tokens from the same address are accepted, so that one bad
 * client does not lock out the others behind its proxy. All wrong tokens from an address are counted together as well,
 * which bounds their cost: during that pause a wrong token is refused without a write. Secrets are far beyond guessing,
 * so the pause is short and does not grow.
 */
const MAX_GUESSES = 20
const PAUSE_MS = 60_000
const FORGET_AFTER_MS = 24 * 3_600_000

/** `tokenId` is null when the presented text names no token of ours. */
export type Guess = { address: string; tokenId: string | null }

/** The key under which guesses at a token from an address are counted. */
export function guessKey(keys: Keys, { address, tokenId }: { address: string; tokenId: string }): string {
  return countKey(keys, address, tokenId)
}

/**
 * @param pauseLeftMs from the database
 * @throws {AppError} too-many-requests, with `pauseSeconds`
 */
export function refuseWhilePaused(pauseLeftMs: number): void {
  if (isPause(pauseLeftMs)) throw pausedError(pauseLeftMs)
}

/**
 * Counts a wrong token.
 *
 * @throws {AppError} too-many-requests when the address has presented too many of them, with `pauseSeconds`
 */
export async function countGuess(
  services: Pick<AuthServices, 'database' | 'keys'>,
  { address, tokenId }: Guess,
): Promise<void> {
  const leftMs = await readPauseLeftMs(services.database, countKey(services.keys, address))
  const keys = [
    ...(leftMs > 0 ? [] : [countKey(services.keys, address)]),
    ...(tokenId === null ? [] : [countKey(services.keys, address, tokenId)]),
  ]
  if (keys.length > 0) {
    const limit = { maxAttempts: MAX_GUESSES, pauseMs: PAUSE_MS, forgetAfterMs: FORGET_AFTER_MS }
    await countAttempts(services.database, keys, limit)
  }
  if (leftMs > 0) throw pausedError(leftMs)
}

async function readPauseLeftMs(database: Database, key: string): Promise<number> {
  const attempts = await readAttemptCounts(database, [key])
  const leftMs = attempts.get(key)?.pauseLeftMs ?? 0
  return isPause(leftMs) ? leftMs : 0
}

/** A pause longer than the maximum was started before the clock was set back. */
function isPause(leftMs: number): boolean {
  return leftMs > 0 && leftMs <= PAUSE_MS
}

function pausedError(leftMs: number): AppError {
  return new AppError('too-many-requests', 'Too many wrong tokens came from this address.', {
    facts: { pauseSeconds: Math.ceil(leftMs / 1000) },
  })
}

function countKey(keys: Keys, address: string, tokenId?: string): string {
  const parts = tokenId === undefined ? ['tokens from', address] : ['token from', address, tokenId]
  return keys.digest('sign-in attempts', JSON.stringify(parts))
}
