import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { isWritePending } from '@/server/db/catalog/pending-writes'
import { type Database, UnexpectedChanges } from '@/server/db/database'
import { findResponseOfKey, findStoredResponse, type IdempotencyKey } from '@/server/db/idempotency'

/** Requests that arrive more than once: a proxy's retry, a double click, a reload. */

/** @param content of the whole request: another request under the same key is refused */
export function writeKey(
  { userId }: Pick<Actor, 'userId'>,
  idempotencyKey: string | undefined,
  content: readonly unknown[],
): IdempotencyKey | null {
  if (idempotencyKey === undefined) return null
  const operation = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  return { actorId: userId, key: idempotencyKey, operation }
}

/**
 * The audit entry of the same request's earlier arrival; null if it did not arrive, or changed nothing.
 *
 * @throws {AppError} commit-state-unknown while the catalog has not reported the outcome; invalid-request when the key
 * was used for another request
 */
export async function findEarlierWrite(
  database: Database,
  catalog: Pick<CatalogClient, 'kind'>,
  key: IdempotencyKey | null,
): Promise<string | null> {
  if (key === null) return null
  // First, because a worker stores the response in the transaction that ends the pending write.
  if (catalog.kind === 'rest' && (await isWritePending(database, key))) {
    throw new AppError(
      'commit-state-unknown',
      'This request was sent before, and the catalog has not reported its outcome yet. It was not sent again. The history shows the outcome once it is known.',
    )
  }
  return findStoredResponse(database, key)
}

/**
 * After an error: the audit entry of the same request, which ran at the same time and was first; null otherwise. The
 * error says what that one left: the name is taken, or the table is gone.
 */
export async function findConcurrentWrite(
  database: Database,
  key: IdempotencyKey | null,
  error: unknown,
): Promise<string | null> {
  const mightBeOurs = error instanceof UnexpectedChanges || error instanceof AppError
  return key && mightBeOurs ? findStoredResponse(database, key) : null
}

/** The outcome of a request under a key. Sends nothing. */
export async function findWriteOutcome(
  database: Database,
  actor: Pick<Actor, 'userId'>,
  idempotencyKey: string,
): Promise<{ outcome: 'made' | 'not-made' | 'open'; auditId: string | null }> {
  const key = { actorId: actor.userId, key: idempotencyKey }
  // First, because a worker stores the response in the transaction that ends the pending write.
  const isPending = await isWritePending(database, key)
  const auditId = await findResponseOfKey(database, key)
  if (auditId !== null) return { outcome: 'made', auditId }
  return { outcome: isPending ? 'open' : 'not-made', auditId: null }
}
