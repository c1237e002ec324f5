import 'server-only'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient, ViewOptions } from '@/server/catalog/catalog-client'
import { auditChange } from '@/server/db/audit'
import type { Database } from '@/server/db/database'
import { responseChanges } from '@/server/db/idempotency'
import type { LifecycleContext } from '@/server/lifecycle/lifecycle-audit'
import { writeOnce } from '@/server/lifecycle/write-once'
import { proposalAfter } from '@/server/policy/entry-commit'
import { viewAuditEntry } from './view-audit-entry'

type ViewWrite = {
  action: string
  identifier: ViewIdentifier
  /** All of what the request says: another one under the same key is refused. */
  content: readonly unknown[]
  idempotencyKey: string
}

/**
 * Creates or changes a view, at most once under one key, with its audit entry.
 *
 * @param write gets the options that record the entry and the response of the key with the view
 * @throws {AppError} commit-state-unknown while the outcome of an earlier attempt is not known
 */
export async function writeView(
  database: Database,
  catalog: Pick<CatalogClient, 'kind'>,
  { action, identifier, content, idempotencyKey }: ViewWrite,
  { actor, requestId, signal, proposal }: LifecycleContext,
  write: (options: Required<Pick<ViewOptions, 'signal' | 'plan' | 'alongside'>>) => Promise<unknown>,
): Promise<{ auditId: string }> {
  const keyed = { actor, idempotencyKey, content: [action, ...content] }
  return writeOnce(database, catalog, keyed, (auditId, key) => {
    const entry = {
      actor,
      via: actor.via ?? null,
      action,
      table: asTableIdentifier(identifier),
      after: proposalAfter(proposal),
      requestId,
    }
    return write({
      signal,
      plan: { auditId, entry, idempotency: key },
      alongside: (committed) => [
        auditChange(viewAuditEntry(committed, { actor, action, requestId, proposal }), { id: auditId }),
        ...responseChanges(key, auditId),
      ],
    })
  })
}
