import 'server-only'
import { AppError } from '@/lib/errors'
import type { Change, Database } from './database'
import { change, preparedQuery, query } from './statement'

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

const KEYS_PER_QUERY = 500

/** The keys under which a request was executed, or may have been: a write that was sent has no response yet. */
export async function findUsedKeys(
  database: Database,
  actorId: string,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const used = new Set<string>()
  for (let first = 0; first < keys.length; first += KEYS_PER_QUERY) {
    const some = keys.slice(first, first + KEYS_PER_QUERY)
    const rows = await database.read(
      query(({ db, nowMs }) =>
        db
          .selectFrom('idempotency')
          .select('key')
          .where('actor_id', '=', actorId)
          .where('key', 'in', some)
          .where('at_ms', '>', (eb) => eb(nowMs, '-', eb.val(IDEMPOTENCY_RETENTION_MS)))
          .union(
            db
              .selectFrom('pending_writes')
              .select('idempotency_key as key')
              .where('actor_id', '=', actorId)
              .where('idempotency_key', 'in', some)
              .$narrowType<{ key: string }>(),
          ),
      ),
    )
    for (const { key } of rows) used.add(key)
  }
  return used
}

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
