import 'server-only'
import { AppError } from '@/lib/errors'
import type { Statement } from './database'
import { openDatabase } from './open-database'

/**
 * Answers to requests that may arrive twice (a proxy's retry, a double click). The answer is written in the
 * transaction of what was done, so a key that is found means that it was done, and one that is not means that it was
 * not.
 */

/** A client that has not asked again for this long will not. */
export const KEPT_HOURS = 24
export const IDEMPOTENCY_KEPT_MS = KEPT_HOURS * 60 * 60 * 1000

/** `operation` tells apart what was asked: one key is for one request only. */
export type IdempotencyKey = { actorId: string; key: string; operation: string }

/**
 * The answer that was given under this key, as text; null where there was none.
 *
 * @throws {AppError} invalid-request when the key was used for something else
 */
export function answeredBefore({ actorId, key, operation }: IdempotencyKey, nowMs: number): string | null {
  const [row] = openDatabase().read<{ operation: string; response: string }>(
    'SELECT operation, response FROM idempotency WHERE actor_id = ? AND key = ? AND at_ms > ?',
    [actorId, key, nowMs - IDEMPOTENCY_KEPT_MS],
  )
  if (!row) return null
  if (row.operation === operation) return row.response
  throw new AppError('invalid-request', 'This Idempotency-Key was used for another request.')
}

/** Fails the transaction when the key has an answer already. Old answers of everybody are forgotten with it. */
export function answerStatements(
  { actorId, key, operation }: IdempotencyKey,
  response: string,
  nowMs: number,
): Statement[] {
  return [
    { sql: 'DELETE FROM idempotency WHERE at_ms <= ?', params: [nowMs - IDEMPOTENCY_KEPT_MS] },
    {
      sql: `INSERT INTO idempotency (actor_id, key, operation, response, at_ms) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING`,
      params: [actorId, key, operation, response, nowMs],
      expectedChanges: 1,
    },
  ]
}
