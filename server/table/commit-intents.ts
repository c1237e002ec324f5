import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { joinNamespace, type TableRef } from '@/lib/iceberg/identifiers'
import type { Intent } from '@/lib/iceberg/intent'
import { changeForIntents } from '@/lib/iceberg/intent-commit'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient, Committed, LoadedTable } from '@/server/catalog/catalog-client'
import { auditChange, auditId } from '@/server/db/audit'
import { type Change, type Database, UnexpectedChanges } from '@/server/db/database'
import { answerChanges, answeredBefore, type IdempotencyKey } from '@/server/db/idempotency'
import type { Services } from '@/server/services'
import { auditOfCommit } from './audit-of-commit'
import { withHiddenBases } from './shown-properties'

export type IntentOptions = {
  actor: Actor
  signal: AbortSignal
  requestId: string | null
  /** For the audit row: `set-properties`, `roll-back` … */
  action: string
  /** The audit entry that these intents take back. */
  undoes?: string
  /** Chosen by the client: the same request under the same key is done once and answered alike. */
  idempotencyKey?: string
}

/** The table as committed (as it is now, for a request that was answered before) and the audit entry of it. */
export type IntentsCommitted = { table: LoadedTable; auditId: string }

/**
 * Commits what a person wants, with its audit row. The intents are judged on the very metadata that is replaced: when
 * somebody else commits first they are judged anew, and what no longer fits is refused, not written over.
 *
 * @throws {AppError} commit-conflict with what is there now among its facts; not-found, forbidden,
 *   commit-state-unknown as the catalog does
 */
export async function commitIntents(
  services: Pick<Services, 'catalogs' | 'database' | 'keys'>,
  ref: TableRef,
  intents: readonly Intent[],
  options: IntentOptions,
): Promise<IntentsCommitted> {
  const catalog = await services.catalogs.open(ref.catalog, options.actor)
  const key = keyOf(ref, intents, options)
  const earlier = key && (await replayed(services.database, catalog, ref, key, options.signal))
  if (earlier) return earlier

  const id = auditId()
  let isCommitted = false
  const alongside = (committed: Committed): Change[] => {
    isCommitted = true
    return [auditChange(auditOfCommit(committed, options), { id }), ...(key ? answerChanges(key, id) : [])]
  }
  try {
    const table = await catalog.commitTable(
      ref,
      ({ metadata }) => changeForIntents(metadata, withHiddenBases(services.keys, metadata, intents)),
      {
        alongside,
        signal: options.signal,
      },
    )
    if (isCommitted) return { table, auditId: id }
    throw new AppError('invalid-request', 'The table is like this already: there is nothing to commit.')
  } catch (error) {
    // The same request may have been at work at the same time and come first.
    const mayBeOurs =
      error instanceof UnexpectedChanges || (error instanceof AppError && error.code === 'commit-conflict')
    const twin = key && mayBeOurs ? await replayed(services.database, catalog, ref, key, options.signal) : null
    if (twin) return twin
    throw error
  }
}

function keyOf(ref: TableRef, intents: readonly Intent[], options: IntentOptions): IdempotencyKey | null {
  if (options.idempotencyKey === undefined) return null
  const asked = JSON.stringify([ref.catalog, joinNamespace(ref.namespace), ref.table, options.action, intents])
  return {
    actorId: options.actor.userId,
    key: options.idempotencyKey,
    operation: createHash('sha256').update(asked).digest('hex'),
  }
}

async function replayed(
  database: Database,
  catalog: CatalogClient,
  ref: TableRef,
  key: IdempotencyKey,
  signal: AbortSignal,
): Promise<IntentsCommitted | null> {
  const auditId = await answeredBefore(database, key)
  return auditId === null ? null : { table: await catalog.loadTable(ref, { signal }), auditId }
}
