import 'server-only'
import { AppError } from '@/lib/errors'
import { formatDuration } from '@/lib/format/duration'
import type { Keys } from '@/server/auth/keys'
import type { Change } from '@/server/db/database'
import {
  deleteAttemptsChange,
  refundAttempts,
  type NextAttemptCount,
  readAttemptCounts,
  swapAttemptCounts,
  type AttemptCount,
} from '@/server/db/auth/sign-in-attempts'
import type { Services } from '@/server/services'

/**
 * How often a password may be tried. Three counts hold at once: for a name from an address, for the name from
 * anywhere, for the address with any name. Who tries may have many addresses, which is why a name has a count of its
 * own. Each pause is twice as long as the one before.
 */
const LIMITS = { nameAndAddress: 5, name: 25, address: 50 } as const
const FIRST_PAUSE_MS = 15 * 60_000
const MAX_PAUSE_MS = 4 * 3_600_000
const FORGET_AFTER_MS = 24 * 3_600_000
const MAX_CAS_ATTEMPTS = 10

type CountLimit = { key: string; limit: number; isForgottenOnSuccess: boolean }

export type CountedAttempt = {
  /** What to say when the password was wrong: how many tries are left, and how long the pause after them is. */
  toError: () => AppError
  /** To be called when it was right: the try does not count. */
  markSucceeded: () => Promise<void>
}

/**
 * Counts a try, before its password is looked at, so that tries made at the same time are all counted.
 *
 * @throws {AppError} too-many-requests during a pause, with `pauseSeconds`
 */
export async function countAttempt(
  services: Pick<Services, 'database' | 'keys'>,
  login: { username: string; address: string },
): Promise<CountedAttempt> {
  const database = services.database
  const countLimits = countLimitsFor(services.keys, login)
  for (let casAttempt = 0; casAttempt < MAX_CAS_ATTEMPTS; casAttempt += 1) {
    const stored = await readAttemptCounts(
      database,
      countLimits.map(({ key }) => key),
    )
    const swaps = countLimits.map(({ key, limit }) => {
      const before = stored.get(key) ?? null
      return { key, limit, before, after: nextCount(before, limit) }
    })
    if (!(await swapAttemptCounts(database, swaps, FORGET_AFTER_MS))) continue
    const [nearest] = swaps.toSorted((a, b) => a.limit - a.after.tries - (b.limit - b.after.tries))
    if (!nearest) throw new Error('nothing limits a try')
    const { limit, after } = nearest
    const isLast = after.tries === limit
    return {
      toError: () => wrongCredentialsError(limit - after.tries, pauseMs(isLast ? after.pauses - 1 : after.pauses)),
      markSucceeded: () =>
        refundAttempts(
          database,
          countLimits.flatMap(({ key, isForgottenOnSuccess }) => (isForgottenOnSuccess ? [key] : [])),
          countLimits.flatMap(({ key, isForgottenOnSuccess }) => (isForgottenOnSuccess ? [] : [key])),
        ),
    }
  }
  throw pausedError(1000)
}

/**
 * The count after one more try. The try that reaches the limit starts the pause, which holds unless it succeeds.
 *
 * @throws {AppError} too-many-requests during a pause
 */
function nextCount(before: AttemptCount | null, limit: number): NextAttemptCount {
  const stored = before && before.idleMs <= FORGET_AFTER_MS ? before : null
  const leftMs = stored?.pauseLeftMs ?? 0
  // One longer than any pause is was begun before the clock was set back.
  if (leftMs > 0 && leftMs <= MAX_PAUSE_MS) throw pausedError(leftMs)
  const attempts = stored && stored.tries < limit ? stored.tries + 1 : 1
  const pauses = stored?.pauses ?? 0
  return attempts < limit
    ? { tries: attempts, pauses, pauseMs: 0 }
    : { tries: attempts, pauses: pauses + 1, pauseMs: pauseMs(pauses) }
}

function pauseMs(pausesBefore: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(pausesBefore, 10), MAX_PAUSE_MS)
}

function pausedError(leftMs: number): AppError {
  return new AppError('too-many-requests', `Sign-in is paused for another ${formatDuration(leftMs)}.`, {
    facts: { pauseSeconds: Math.ceil(leftMs / 1000) },
  })
}

function wrongCredentialsError(triesLeft: number, followingPauseMs: number): AppError {
  const pause = formatDuration(followingPauseMs)
  const detail =
    triesLeft === 0
      ? `That was the last try before a pause of ${pause}.`
      : `${triesLeft} more ${triesLeft === 1 ? 'try' : 'tries'} before a pause of ${pause}.`
  return new AppError('wrong-credentials', detail, { facts: { triesLeft, pauseSeconds: followingPauseMs / 1000 } })
}

/** Forgets every try of a name, from wherever it was, and so ends its pauses; an address keeps its own count. */
export function forgetUserAttempts(keys: Keys, username: string): Change {
  return deleteAttemptsChange(nameKey(keys, username))
}

function countLimitsFor(keys: Keys, { username, address }: { username: string; address: string }): CountLimit[] {
  const key = nameKey(keys, username)
  return [
    {
      key: `${key}/${digest(keys, 'address of name', address)}`,
      limit: LIMITS.nameAndAddress,
      isForgottenOnSuccess: true,
    },
    { key, limit: LIMITS.name, isForgottenOnSuccess: true },
    { key: digest(keys, 'address', address), limit: LIMITS.address, isForgottenOnSuccess: false },
  ]
}

/** Counts of the name from one address have keys below this one. */
function nameKey(keys: Keys, username: string): string {
  return digest(keys, 'name', username.toLowerCase())
}

/** Names are kept as digests only: people type passwords into the wrong field. */
function digest(keys: Keys, ...parts: string[]): string {
  return keys.digest('sign-in tries', JSON.stringify(parts))
}
