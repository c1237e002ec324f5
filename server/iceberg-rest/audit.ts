import 'server-only'
import type { TableRef } from '@/lib/iceberg/identifiers'
import type { TableUpdate } from '@/lib/iceberg/table-update'
import type { CommittedView, CommitOptions, RowOptions, TransactionOptions } from '@/server/catalog/catalog-client'
import { auditId, auditStatement, type NewAuditEntry } from '@/server/db/audit'
import type { Statement } from '@/server/db/database'
import { auditOfCommit } from '@/server/table/audit-of-commit'
import { auditOfView } from '@/server/view/audit-of-commit'
import type { RestAsked } from './serve-operation'

/** The audit rows of what engines do, each written in the transaction of what it tells of. */

/** With the rows of the idempotency key, for a commit of one table. */
export function ofCommit(asked: RestAsked, action: string): Pick<CommitOptions, 'alongside' | 'signal'> {
  return {
    signal: asked.signal,
    alongside: (committed) => [rowOf(auditOfCommit(committed, { ...asked, action })), ...asked.keyStatements()],
  }
}

/** As {@link ofCommit}, of several tables: a row for each, and those of the key once. */
export function ofTransaction(asked: RestAsked, actionFor: (ref: TableRef) => string): TransactionOptions {
  return {
    signal: asked.signal,
    alongside: (committed) => [rowOf(auditOfCommit(committed, { ...asked, action: actionFor(committed.after.ref) }))],
    alongsideAll: asked.keyStatements,
  }
}

/** For a table or view that is dropped or, with `to`, renamed. */
export function ofRow(asked: RestAsked, action: string, to: TableRef | null = null): RowOptions {
  return {
    signal: asked.signal,
    alongside: ({ ref, metadataLocation }) => [
      rowOf({
        ...entryOf(asked, action, to ?? ref),
        before: { metadataLocation, ...(to && { name: nameOf(ref) }) },
        after: to && { metadataLocation, name: nameOf(to) },
      }),
      ...asked.keyStatements(),
    ],
  }
}

export function ofView(asked: RestAsked, action: string) {
  return {
    signal: asked.signal,
    alongside: (committed: CommittedView): Statement[] => [
      rowOf(auditOfView(committed, { ...asked, action })),
      ...asked.keyStatements(),
    ],
  }
}

/** What a commit did, in the words of its snapshot where it adds one, else of its first update. */
export function actionOf(updates: readonly TableUpdate[]): string {
  for (const update of updates) {
    if (update.action === 'add-snapshot') return update.snapshot.summary.operation ?? 'append'
  }
  return updates.find(({ action }) => action !== 'assign-uuid')?.action ?? 'commit'
}

function entryOf({ actor, requestId }: RestAsked, action: string, table: TableRef): NewAuditEntry {
  const { userId, username } = actor
  return {
    actor: { userId, username },
    action,
    table,
    tableUuid: null,
    before: null,
    after: null,
    requestId,
    undoes: null,
  }
}

function rowOf(entry: NewAuditEntry): Statement {
  const atMs = Date.now()
  return auditStatement(entry, { id: auditId(atMs), atMs })
}

function nameOf({ namespace, table }: TableRef): string {
  return [...namespace, table].join('.')
}
