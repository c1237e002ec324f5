import 'server-only'
import type { Change, Database } from '../database'
import { change, query } from '../statement'
import { tryCommit } from '../try-commit'

/**
 * The number of sign-in attempts per key (a name, an address, or both), counted before the password is checked. Times
 * are measured by the database's clock, so that many web servers share one pause.
 */
export type AttemptCount = {
  attempts: number
  pauses: number
  /** Until the pause ends; zero or negative without a pause. */
  pauseLeftMs: number
  /** Since the last attempt. */
  idleMs: number
}

/** The count after one more attempt, which may start a pause; `pauseMs` of zero: it does not. */
export type NextAttemptCount = Pick<AttemptCount, 'attempts' | 'pauses'> & { pauseMs: number }

/** Number of keys with a count; the least recently used ones are removed. */
const MAX_KEYS = 50_000

/**
 * @param keys at least one
 * @returns by key; keys without a count are missing
 */
export async function readAttemptCounts(
  database: Database,
  keys: readonly string[],
): Promise<Map<string, AttemptCount>> {
  const rows = await database.read(
    query(({ db, nowMs }) =>
      db
        .selectFrom('sign_in_attempts')
        .select((eb) => [
          'key',
          'attempts',
          'pauses',
          eb('paused_until_ms', '-', nowMs).as('pauseLeftMs'),
          eb(nowMs, '-', eb.ref('last_attempt_ms')).as('idleMs'),
        ])
        .where('key', 'in', keys),
    ),
  )
  return new Map(rows.map(({ key, ...count }) => [key, count]))
}

/**
 * Writes all counts, or none if one of them has changed since it was read.
 *
 * @param forgetAfterMs counts without a new attempt for longer are removed
 * @returns whether they were written
 */
export async function swapAttemptCounts(
  database: Database,
  swaps: readonly { key: string; before: AttemptCount | null; after: NextAttemptCount }[],
  forgetAfterMs: number,
): Promise<boolean> {
  return await tryCommit(database, [...swaps.map(swapChange), ...tidyChanges(forgetAfterMs)])
}

/**
 * Counts one more attempt for each key, safely for concurrent callers. The attempt that reaches `maxAttempts` starts a
 * pause, during which attempts are not counted. A count without a new attempt for the length of a pause starts over. A
 * pause that ends later than one started now was started before the clock was set back, and is ignored.
 *
 * @param forgetAfterMs counts without a new attempt for longer are removed
 */
export async function countAttempts(
  database: Database,
  keys: readonly string[],
  limit: { maxAttempts: number; pauseMs: number; forgetAfterMs: number },
): Promise<void> {
  await database.commit([...keys.map((key) => countChange(key, limit)), ...tidyChanges(limit.forgetAfterMs)])
}

/** After a success: removes the counts of `forgotten`, and takes the attempt off the others. */
export async function refundAttempts(
  database: Database,
  clearedKeys: readonly string[],
  refundedKeys: readonly string[],
): Promise<void> {
  await database.commit([
    ...clearedKeys.map((key) => change(({ db }) => db.deleteFrom('sign_in_attempts').where('key', '=', key))),
    ...refundedKeys.map((key) =>
      change(({ db, greatest }) =>
        db
          .updateTable('sign_in_attempts')
          .set((eb) => ({ attempts: greatest(eb('attempts', '-', eb.lit(1)), eb.lit(0)), paused_until_ms: 0 }))
          .where('key', '=', key),
      ),
    ),
  ])
}

/** Removes the counts of a key and of all keys below it, `key/…`, with their pauses. */
export function deleteAttemptsChange(key: string): Change {
  return change(({ db }) =>
    db
      .deleteFrom('sign_in_attempts')
      // `0` is the character after the slash.
      .where((eb) => eb.or([eb('key', '=', key), eb.and([eb('key', '>=', `${key}/`), eb('key', '<', `${key}0`)])])),
  )
}

function swapChange({
  key,
  before,
  after: { attempts, pauses, pauseMs },
}: Parameters<typeof swapAttemptCounts>[1][number]): Change {
  return change(
    ({ db, nowMs }) => {
      if (before) {
        return db
          .updateTable('sign_in_attempts')
          .set((eb) => ({
            attempts,
            pauses,
            paused_until_ms: pauseMs === 0 ? 0 : eb(nowMs, '+', pauseMs),
            last_attempt_ms: nowMs,
          }))
          .where('key', '=', key)
          .where('attempts', '=', before.attempts)
          .where('pauses', '=', before.pauses)
      }
      return db
        .insertInto('sign_in_attempts')
        .values((eb) => ({
          key,
          attempts,
          pauses,
          paused_until_ms: pauseMs === 0 ? 0 : eb(nowMs, '+', pauseMs),
          last_attempt_ms: nowMs,
        }))
        .onConflict((conflict) => conflict.doNothing())
    },
    { expectedRows: 1 },
  )
}

function countChange(key: string, { maxAttempts, pauseMs }: { maxAttempts: number; pauseMs: number }): Change {
  return change(({ db, nowMs }) =>
    db
      .insertInto('sign_in_attempts')
      .values({ key, attempts: 1, pauses: 0, paused_until_ms: 0, last_attempt_ms: nowMs })
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet((eb) => {
            const attempts = eb.ref('sign_in_attempts.attempts')
            const startsAgain = eb.or([
              eb(attempts, '>=', maxAttempts),
              eb('sign_in_attempts.last_attempt_ms', '<', eb(nowMs, '-', pauseMs)),
            ])
            return {
              attempts: eb
                .case()
                .when(startsAgain)
                .then(eb.lit(1))
                .else(eb(attempts, '+', eb.lit(1)))
                .end(),
              paused_until_ms: eb
                .case()
                .when(eb.and([eb.not(startsAgain), eb(attempts, '=', maxAttempts - 1)]))
                .then(eb(nowMs, '+', pauseMs))
                .else(eb.lit(0))
                .end(),
              last_attempt_ms: nowMs,
            }
          })
          .where((eb) =>
            eb.or([
              eb('sign_in_attempts.paused_until_ms', '<=', nowMs),
              eb('sign_in_attempts.paused_until_ms', '>', eb(nowMs, '+', pauseMs)),
            ]),
          ),
      ),
  )
}

/** In sequence: two transactions that remove each other's counts would deadlock. */
function tidyChanges(forgetAfterMs: number): Change[] {
  return [
    change(
      ({ db, nowMs }) =>
        db.deleteFrom('sign_in_attempts').where('last_attempt_ms', '<', (eb) => eb(nowMs, '-', eb.val(forgetAfterMs))),
      { guards: ['sign-in'] },
    ),
    change(
      ({ db }) =>
        db.deleteFrom('sign_in_attempts').where('last_attempt_ms', '<', ({ selectFrom }) =>
          selectFrom('sign_in_attempts as newest')
            .select('newest.last_attempt_ms')
            .orderBy('newest.last_attempt_ms', 'desc')
            .limit(1)
            .offset(MAX_KEYS - 1),
        ),
      { guards: ['sign-in'] },
    ),
  ]
}
