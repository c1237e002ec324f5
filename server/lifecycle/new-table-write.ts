import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { joinNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient, CommitOptions } from '@/server/catalog/catalog-client'
import { auditChange, newAuditId } from '@/server/db/audit'
import { isWritePending } from '@/server/db/catalog/pending-writes'
import { type Database, UnexpectedChanges } from '@/server/db/database'
import { findResponseOfKey, findStoredResponse, type IdempotencyKey, responseChanges } from '@/server/db/idempotency'
import { commitAuditEntry, commitPlan } from '@/server/table/commit/commit-audit-entry'
import type { LifecycleContext } from './lifecycle-audit'

type NewTableWrite = {
  action: 'create-table' | 'register-table'
  identifier: TableIdentifier
  /** All of what the request says: another one under the same key is refused. */
  content: readonly (string | null)[]
  idempotencyKey: string
}

/**
 * Makes a table, at most once under one key, with its audit entry.
 *
 * @param write gets the options that record the entry and the response of the key with the table
 * @throws {AppError} commit-state-unknown while the outcome of an earlier attempt is not known
 */
export async function writeNewTable(
  database: Database,
  catalog: Pick<CatalogClient, 'kind'>,
  { action, identifier, content, idempotencyKey }: NewTableWrite,
  { actor, requestId, signal }: LifecycleContext,
  write: (options: CommitOptions) => Promise<unknown>,
): Promise<{ auditId: string }> {
  const { catalog: name, namespace, table } = identifier
  const fingerprint = JSON.stringify([action, name, joinNamespace(namespace), table, ...content])
  const key: IdempotencyKey = {
    actorId: actor.userId,
    key: idempotencyKey,
    operation: createHash('sha256').update(fingerprint).digest('hex'),
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
  const audited = { actor, action, requestId }
  try {
    await write({
      signal,
      plan: { ...commitPlan(identifier, auditId, audited), idempotency: key },
      alongside: (committed) => [
        auditChange(commitAuditEntry(committed, audited), { id: auditId }),
        ...responseChanges(key, auditId),
      ],
    })
    return { auditId }
  } catch (error) {
    // The same request may have run at the same time and been first.
    const mightBeOurs =
      error instanceof UnexpectedChanges || (error instanceof AppError && error.code === 'already-exists')
    const concurrent = mightBeOurs ? await findStoredResponse(database, key) : null
    if (concurrent !== null) return { auditId: concurrent }
    throw error
  }
}

/** What became of a request under a key. Sends nothing. */
export async function findNewTableOutcome(
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
