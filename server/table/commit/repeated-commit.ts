import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { isWritePending } from '@/server/db/catalog/pending-writes'
import { type Database, UnexpectedChanges } from '@/server/db/database'
import { findStoredResponse, type IdempotencyKey } from '@/server/db/idempotency'

/** Requests to commit that arrive more than once: a proxy's retry, a double click, a reload. */

/** The table as it is now, and the id of the audit entry of the commit that was made. */
export type EarlierCommit = { table: LoadedTable; auditId: string }

type RepeatedRequest = {
  database: Database
  catalog: CatalogClient
  identifier: TableIdentifier
  /** Null: the client chose none, so that no earlier commit is known. */
  key: IdempotencyKey | null
  signal: AbortSignal
}

/** @param request what distinguishes the request from others that its client may send with the key */
export function commitKey(
  { catalog, namespace, table }: TableIdentifier,
  { actor, idempotencyKey }: { actor: Actor; idempotencyKey?: string | undefined },
  request: readonly unknown[],
): IdempotencyKey | null {
  if (idempotencyKey === undefined) return null
  const fingerprint = JSON.stringify([catalog, joinNamespace(namespace), table, ...request])
  return {
    actorId: actor.userId,
    key: idempotencyKey,
    operation: createHash('sha256').update(fingerprint).digest('hex'),
  }
}

/**
 * What the request did when it arrived before; null: it did not, or it committed nothing.
 *
 * @throws {AppError} commit-state-unknown while the catalog has not reported the outcome
 */
export async function findEarlierCommit(request: RepeatedRequest): Promise<EarlierCommit | null> {
  const { database, catalog, key } = request
  // First, because a worker stores the response in the transaction that ends the pending write.
  if (key && catalog.kind === 'rest' && (await isWritePending(database, key))) {
    throw new AppError(
      'commit-state-unknown',
      'This request was sent before, and the catalog has not reported its outcome yet. It was not sent again. History shows the outcome once it is known.',
    )
  }
  return findCommit(request)
}

/** After an error: the commit of the same request that ran concurrently and was first; null for any other error. */
export async function findConcurrentCommit(request: RepeatedRequest, error: unknown): Promise<EarlierCommit | null> {
  const mightBeOurs =
    error instanceof UnexpectedChanges || (error instanceof AppError && error.code === 'commit-conflict')
  return mightBeOurs ? findCommit(request) : null
}

async function findCommit({ database, catalog, identifier, key, signal }: RepeatedRequest) {
  const auditId = key && (await findStoredResponse(database, key))
  return auditId === null ? null : { auditId, table: await catalog.loadTable(identifier, { signal }) }
}
