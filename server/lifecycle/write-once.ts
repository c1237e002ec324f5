import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import { newAuditId } from '@/server/db/audit'
import { isWritePending } from '@/server/db/catalog/pending-writes'
import { type Database, UnexpectedChanges } from '@/server/db/database'
import { findResponseOfKey, findStoredResponse, type IdempotencyKey } from '@/server/db/idempotency'

type KeyedWrite = {
  actor: Pick<Actor, 'userId'>
  idempotencyKey: string
  /** All of what the request says: another one under the same key is refused. */
  content: readonly unknown[]
}

/**
 * Makes a change of a catalog at most once under one key.
 *
 * @param write stores the id of the audit entry as the response of the key, in the transaction of the change
 * @returns the id of the audit entry, that of the first attempt when there was one
 * @throws {AppError} commit-state-unknown while the outcome of an earlier attempt is not known
 */
export async function writeOnce(
  database: Database,
  catalog: Pick<CatalogClient, 'kind'>,
  { actor, idempotencyKey, content }: KeyedWrite,
  write: (auditId: string, key: IdempotencyKey) => Promise<unknown>,
): Promise<{ auditId: string }> {
  const key: IdempotencyKey = {
    actorId: actor.userId,
    key: idempotencyKey,
    operation: createHash('sha256').update(JSON.stringify(content)).digest('hex'),
  }
  if (catalog.kind === 'rest' && (await isWritePending(database, key))) {
    throw new AppError(
      'commit-state-unknown',
      'This request was sent before, and the catalog has not reported its outcome yet. It was not sent again.',
    )
  }
  const earlier = await findStoredResponse(database, key)
  if (earlier !== null) return { auditId: earlier }
  const auditId = newAuditId()
  try {
    await write(auditId, key)
    return { auditId }
  } catch (error) {
    // The same request may have run at the same time and been first.
    const mightBeOurs =
      error instanceof UnexpectedChanges ||
      (error instanceof AppError && (error.code === 'already-exists' || error.code === 'version-conflict'))
    const concurrent = mightBeOurs ? await findStoredResponse(database, key) : null
    if (concurrent !== null) return { auditId: concurrent }
    throw error
  }
}

/** What became of a request under a key. Sends nothing. */
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
