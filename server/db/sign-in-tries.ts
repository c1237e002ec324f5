import 'server-only'
import { type Statement, UnexpectedChanges } from './database'
import { openDatabase } from './open-database'

/** How often somebody tried to sign in, per key (a name, an address, or both). Counted before the password is checked. */
export type Tries = { tries: number; pauses: number; pausedUntilMs: number; lastTryMs: number }

/** Keys that are remembered; the ones longest unused give way. */
const MOST_KEYS = 50_000

export function readTries(key: string): Tries | null {
  const [row] = openDatabase().read<{
    tries: number
    pauses: number
    paused_until_ms: number
    last_try_ms: number
  }>('SELECT tries, pauses, paused_until_ms, last_try_ms FROM sign_in_tries WHERE key = ?', [key])
  return row
    ? { tries: row.tries, pauses: row.pauses, pausedUntilMs: row.paused_until_ms, lastTryMs: row.last_try_ms }
    : null
}

/**
 * Writes all rows, or none when one of them is no longer as it was read.
 *
 * @param forgetBeforeMs rows that were last used before are removed
 * @returns whether they were written
 */
export async function swapTries(
  swaps: readonly { key: string; before: Tries | null; after: Tries }[],
  forgetBeforeMs: number,
): Promise<boolean> {
  try {
    await openDatabase().transact([...swaps.map(swapStatement), ...tidyStatements(forgetBeforeMs)])
    return true
  } catch (error) {
    if (error instanceof UnexpectedChanges) return false
    throw error
  }
}

/**
 * Counts one more try for each key, however many count at once. The try that reaches `mostTries` starts a pause, in
 * which nothing is counted; a count that was not added to for as long as a pause begins anew. A
 * pause that ends later than one begun now was begun before the clock was set back, and holds no longer.
 *
 * @param forgetBeforeMs rows that were last used before are removed
 */
export async function addTries(
  keys: readonly string[],
  { mostTries, pauseMs, nowMs, forgetBeforeMs }: Record<'mostTries' | 'pauseMs' | 'nowMs' | 'forgetBeforeMs', number>,
): Promise<void> {
  const isOver = '(tries >= ?3 OR last_try_ms < ?2 - ?4)'
  await openDatabase().transact([
    ...keys.map((key) => ({
      sql: `INSERT INTO sign_in_tries (key, tries, pauses, paused_until_ms, last_try_ms) VALUES (?1, 1, 0, 0, ?2)
        ON CONFLICT (key) DO UPDATE SET
          tries = CASE WHEN ${isOver} THEN 1 ELSE tries + 1 END,
          paused_until_ms = CASE WHEN NOT ${isOver} AND tries + 1 = ?3 THEN ?2 + ?4 ELSE 0 END,
          last_try_ms = ?2
        WHERE paused_until_ms <= ?2 OR paused_until_ms > ?2 + ?4`,
      params: [key, nowMs, mostTries, pauseMs],
    })),
    ...tidyStatements(forgetBeforeMs),
  ])
}

/** After a success: `forgotten` start anew, and the try is taken off the others. */
export async function giveTriesBack(forgotten: readonly string[], others: readonly string[]): Promise<void> {
  await openDatabase().transact([
    ...forgotten.map((key) => ({ sql: 'DELETE FROM sign_in_tries WHERE key = ?', params: [key] })),
    ...others.map((key) => ({
      sql: 'UPDATE sign_in_tries SET tries = MAX(tries - 1, 0), paused_until_ms = 0 WHERE key = ?',
      params: [key],
    })),
  ])
}

function swapStatement({ key, before, after }: { key: string; before: Tries | null; after: Tries }): Statement {
  const values = [after.tries, after.pauses, after.pausedUntilMs, after.lastTryMs]
  if (!before) {
    return {
      sql: `INSERT INTO sign_in_tries (tries, pauses, paused_until_ms, last_try_ms, key) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (key) DO NOTHING`,
      params: [...values, key],
      expectedChanges: 1,
    }
  }
  return {
    sql: `UPDATE sign_in_tries SET tries = ?, pauses = ?, paused_until_ms = ?, last_try_ms = ?
      WHERE key = ? AND tries = ? AND pauses = ?`,
    params: [...values, key, before.tries, before.pauses],
    expectedChanges: 1,
  }
}

function tidyStatements(forgetBeforeMs: number): Statement[] {
  return [
    { sql: 'DELETE FROM sign_in_tries WHERE last_try_ms < ?', params: [forgetBeforeMs] },
    {
      sql: `DELETE FROM sign_in_tries WHERE key IN
        (SELECT key FROM sign_in_tries ORDER BY last_try_ms DESC LIMIT -1 OFFSET ?)`,
      params: [MOST_KEYS],
    },
  ]
}
