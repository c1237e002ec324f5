import 'server-only'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient, CommitOptions } from '@/server/catalog/catalog-client'
import { auditChange } from '@/server/db/audit'
import type { Database } from '@/server/db/database'
import { responseChanges } from '@/server/db/idempotency'
import { commitAuditEntry, commitPlan } from '@/server/table/commit/commit-audit-entry'
import type { LifecycleContext } from './lifecycle-audit'
import { writeOnce } from './write-once'

type NewTableWrite = {
  action: 'create-table' | 'register-table'
  identifier: TableIdentifier
  /** All of what the request says in addition. */
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
  const said = [action, name, joinNamespace(namespace), table, ...content]
  const audited = { actor, action, requestId }
  return writeOnce(database, catalog, { actor, idempotencyKey, content: said }, (auditId, key) =>
    write({
      signal,
      plan: { ...commitPlan(identifier, auditId, audited), idempotency: key },
      alongside: (committed) => [
        auditChange(commitAuditEntry(committed, audited), { id: auditId }),
        ...responseChanges(key, auditId),
      ],
    }),
  )
}
