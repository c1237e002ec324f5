import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import { isWritePending, releaseKey, reserveKey } from '@/server/db/catalog/pending-writes'
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
 * @param reservation of this arrival, see {@link withReservedKey}
 * @throws {AppError} commit-state-unknown while its outcome is open; invalid-request when the key was used for another
 * request
 */
export async function findEarlierWrite(
  database: Database,
  key: IdempotencyKey | null,
  reservation: string | null,
): Promise<string | null> {
  if (key === null) return null
  // First, because a worker stores the response in the transaction that ends the pending write.
  const isPending = await isWritePending(database, key, reservation)
  const auditId = await findStoredResponse(database, key)
  if (auditId === null && isPending) throw openOutcomeError()
  return auditId
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

/**
 * Carries out a request whose effects others see before its response is stored, because it writes several times, or to a
 * catalog outside of our database. Meanwhile no other arrival of it does anything.
 *
 * @param answer the response of an arrival that has stored it, and has not ended yet
 * @throws {AppError} commit-state-unknown while another arrival is carried out; otherwise as `work`
 */
export async function withReservedKey<Done>(
  database: Database,
  { catalog, key }: { catalog: string; key: IdempotencyKey },
  work: (reservation: string) => Promise<Done>,
  answer: (auditId: string) => Promise<Done>,
): Promise<Done> {
  const reservation = await reserveKey(database, catalog, key)
  if (reservation === null) {
    const auditId = await findStoredResponse(database, key)
    if (auditId === null) throw openOutcomeError()
    return answer(auditId)
  }
  try {
    return await work(reservation)
  } finally {
    await releaseKey(database, reservation)
  }
}

export function openOutcomeError(): AppError {
  return new AppError(
    'commit-state-unknown',
    'This request was sent before, and its outcome is not known yet. It was not carried out again. The history shows the outcome once it is known.',
  )
}

/** The outcome of a request under a key. Sends nothing. */
export async function findWriteOutcome(
  database: Database,
  actor: Pick<Actor, 'userId'>,
  idempotencyKey: string,
): Promise<{ outcome: 'committed' | 'not-committed' | 'pending'; auditId: string | null }> {
  const key = { actorId: actor.userId, key: idempotencyKey }
  // First, because a worker stores the response in the transaction that ends the pending write.
  const isPending = await isWritePending(database, key)
  const auditId = await findResponseOfKey(database, key)
  if (auditId !== null) return { outcome: 'committed', auditId }
  return { outcome: isPending ? 'pending' : 'not-committed', auditId: null }
}
