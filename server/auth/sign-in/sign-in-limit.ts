import 'server-only'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
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
import type { AuthServices } from '@/server/auth/auth-services'

/**
 * How many attempts to sign in are allowed. Three counts apply at once: for a name from an address, for the name from
 * anywhere, for the address with any name. The name has its own count because an attacker may have many addresses.
 * Each pause is twice as long as the one before.
 */
const LIMITS = { nameAndAddress: 5, name: 25, address: 50 } as const
const FIRST_PAUSE_MS = 15 * 60_000
const MAX_PAUSE_MS = 4 * 3_600_000
const FORGET_AFTER_MS = 24 * 3_600_000
const MAX_CAS_ATTEMPTS = 10

type CountLimit = { key: string; limit: number; isForgottenOnSuccess: boolean }

export type CountedAttempt = {
  /** The error for a wrong password: how many attempts are left, and how long the pause after them is. */
  toError: () => AppError
  /** Call this when the password was correct: the attempt is no longer counted. */
  markSucceeded: () => Promise<void>
}

/**
 * Counts an attempt before its password is checked, so that concurrent attempts are all counted.
 *
 * @throws {AppError} too-many-requests during a pause, with `pauseSeconds`
 */
export async function countAttempt(
  services: Pick<AuthServices, 'database' | 'keys'>,
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
    const [nearest] = swaps.toSorted((a, b) => a.limit - a.after.attempts - (b.limit - b.after.attempts))
    if (!nearest) throw new Error('no limit applies to the attempt')
    const { limit, after } = nearest
    const isLast = after.attempts === limit
    return {
      toError: () => wrongCredentialsError(limit - after.attempts, pauseMs(isLast ? after.pauses - 1 : after.pauses)),
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
 * The count after one more attempt. The attempt that reaches the limit starts the pause, which applies unless that
 * attempt succeeds.
 *
 * @throws {AppError} too-many-requests during a pause
 */
function nextCount(before: AttemptCount | null, limit: number): NextAttemptCount {
  const stored = before && before.idleMs <= FORGET_AFTER_MS ? before : null
  const leftMs = stored?.pauseLeftMs ?? 0
  // A pause longer than the maximum was started before the clock was set back.
  if (leftMs > 0 && leftMs <= MAX_PAUSE_MS) throw pausedError(leftMs)
  const attempts = stored && stored.attempts < limit ? stored.attempts + 1 : 1
  const pauses = stored?.pauses ?? 0
  return attempts < limit
    ? { attempts, pauses, pauseMs: 0 }
    : { attempts, pauses: pauses + 1, pauseMs: pauseMs(pauses) }
}

function pauseMs(pausesBefore: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(pausesBefore, 10), MAX_PAUSE_MS)
}

function pausedError(leftMs: number): AppError {
  return new AppError('too-many-requests', `Sign-in is paused for another ${formatDuration(leftMs)}.`, {
    facts: { pauseSeconds: Math.ceil(leftMs / 1000) },
  })
}

function wrongCredentialsError(attemptsLeft: number, followingPauseMs: number): AppError {
  const pause = formatDuration(followingPauseMs)
  const detail =
    attemptsLeft === 0
      ? `That was the last attempt before a pause of ${pause}.`
      : `${formatQuantity(attemptsLeft, 'attempt')} left before a pause of ${pause}.`
  return new AppError('wrong-credentials', detail, {
    facts: { attemptsLeft, pauseSeconds: followingPauseMs / 1000 },
  })
}

/** Deletes every count of a name, for any address, which ends its pauses. An address keeps its own count. */
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

/** The keys of counts for the name from one address begin with this key. */
function nameKey(keys: Keys, username: string): string {
  return digest(keys, 'name', username.toLowerCase())
}

/** Names are stored only as digests, because people type passwords into the wrong field. */
function digest(keys: Keys, ...parts: string[]): string {
  return keys.digest('sign-in attempts', JSON.stringify(parts))
}
