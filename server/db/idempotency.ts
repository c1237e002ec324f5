import 'server-only'
import { AppError } from '@/lib/errors'
import type { Change, Database } from './database'
import { change, preparedQuery } from './statement'

/**
 * Stored responses to requests that may arrive twice (a proxy's retry, a double click). A response is written in the
 * transaction of the request's changes: if the key exists, the request was executed; if not, it was not.
 */

/** A client that has not repeated its request for this long will not. */
export const IDEMPOTENCY_RETENTION_HOURS = 24
export const IDEMPOTENCY_RETENTION_MS = IDEMPOTENCY_RETENTION_HOURS * 60 * 60 * 1000

/** `operation` distinguishes requests: a key is valid for one request only. */
export type IdempotencyKey = { actorId: string; key: string; operation: string }

/**
 * The response stored under this key, as text, or null.
 *
 * @throws {AppError} invalid-request if the key was used for another request
 */
export async function findStoredResponse(
  database: Database,
  { actorId, key, operation }: IdempotencyKey,
): Promise<string | null> {
  const [row] = await database.read(responseByKey({ actorId, key }))
  if (!row) return null
  if (row.operation === operation) return row.response
  throw new AppError('invalid-request', 'The idempotency key was used for another request.')
}

/**
 * Like {@link findStoredResponse}, for a caller that only looks up the outcome of the request and does not repeat it.
 */
export async function findResponseOfKey(
  database: Database,
  key: Pick<IdempotencyKey, 'actorId' | 'key'>,
): Promise<string | null> {
  const [row] = await database.read(responseByKey(key))
  return row?.response ?? null
}

const responseByKey = preparedQuery(({ db, nowMs }, { actorId, key }: { actorId: string; key: string }) =>
  db
    .selectFrom('idempotency')
    .select(['operation', 'response'])
    .where('actor_id', '=', actorId)
    .where('key', '=', key)
    .where('at_ms', '>', (eb) => eb(nowMs, '-', eb.val(IDEMPOTENCY_RETENTION_MS))),
)

/** Fails the transaction when the key already has a response. Also removes old responses of all clients. */
export function responseChanges({ actorId, key, operation }: IdempotencyKey, response: string): Change[] {
  return [
    change(({ db, nowMs }) =>
      db.deleteFrom('idempotency').where('at_ms', '<=', (eb) => eb(nowMs, '-', eb.val(IDEMPOTENCY_RETENTION_MS))),
    ),
    change(
      ({ db, nowMs }) =>
        db
          .insertInto('idempotency')
          .values({ actor_id: actorId, key, operation, response, at_ms: nowMs })
          .onConflict((conflict) => conflict.doNothing()),
      { expectedRows: 1 },
    ),
  ]
}
