import 'server-only'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import type {
  CommittedView,
  CommitOptions,
  LoadedView,
  RowOptions,
  TransactionOptions,
} from '@/server/catalog/catalog-client'
import { auditChange, type NewAuditEntry } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import { commitAuditEntry } from '@/server/table/commit-audit-entry'
import { snapshotWriter } from '@/server/table/summary-counts'
import { viewAuditEntry } from '@/server/view/view-audit-entry'
import type { OperationContext } from './serve-operation'

/** The audit rows of what engines do, each written in the transaction of what it tells of. */

/** What the row tells was done. */
type AuditAction = { action: string; engine?: string | null }

/** With the rows of the idempotency key, for a commit of one table. */
export function auditedCommitOptions(
  context: OperationContext,
  auditAction: AuditAction,
): Pick<CommitOptions, 'alongside' | 'signal'> {
  return {
    signal: context.signal,
    alongside: (committed) => [
      toAuditChange(commitAuditEntry(committed, toAuditContext(context, auditAction))),
      ...context.idempotencyChanges({ metadataLocation: committed.after.metadataLocation }),
    ],
  }
}

/** As {@link auditedCommitOptions}, of several tables: a row for each, and those of the key once. */
export function auditedTransactionOptions(
  context: OperationContext,
  findAuditAction: (identifier: TableIdentifier) => AuditAction,
): TransactionOptions {
  return {
    signal: context.signal,
    alongside: (committed) => [
      toAuditChange(commitAuditEntry(committed, toAuditContext(context, findAuditAction(committed.after.identifier)))),
    ],
    alongsideAll: () => context.idempotencyChanges(),
  }
}

type RowAuditOptions = {
  /** The new name, of one that is renamed. */
  renamedTo?: TableIdentifier
  /** Whether the answer tells of the metadata file that the row named last. */
  isTableReturned?: boolean
}

/** For a table or view that is dropped or renamed. */
export function auditedRowOptions(
  context: OperationContext,
  action: string,
  { renamedTo, isTableReturned = false }: RowAuditOptions = {},
): RowOptions {
  return {
    signal: context.signal,
    alongside: ({ identifier, metadataLocation }) => [
      toAuditChange({
        ...toAuditEntry(context, action, renamedTo ?? identifier),
        before: { metadataLocation, ...(renamedTo && { name: qualifiedName(identifier) }) },
        after: renamedTo ? { metadataLocation, name: qualifiedName(renamedTo) } : null,
      }),
      ...context.idempotencyChanges(isTableReturned && metadataLocation !== null ? { metadataLocation } : null),
    ],
  }
}

/** @param toResponseText the body of the answer */
export function auditedViewOptions(
  context: OperationContext,
  action: string,
  toResponseText: (view: LoadedView) => string,
) {
  return {
    signal: context.signal,
    alongside: (committed: CommittedView): Change[] => [
      toAuditChange(viewAuditEntry(committed, { ...context, action })),
      ...context.idempotencyChanges({ text: toResponseText(committed.after) }),
    ],
  }
}

/** What a commit did and the engine that says it did, in the words of its snapshot where it adds one, else of its first update. */
export function toAuditAction(updates: readonly TableUpdate[]): AuditAction {
  for (const update of updates) {
    if (update.action !== 'add-snapshot') continue
    return { action: update.snapshot.summary.operation ?? 'append', engine: snapshotWriter(update.snapshot) }
  }
  return { action: updates.find(({ action }) => action !== 'assign-uuid')?.action ?? 'commit' }
}

/** An engine is known by its own name rather than by that of the library it asks with. */
function toAuditContext({ actor, requestId }: OperationContext, { action, engine }: AuditAction) {
  const via = actor.via && engine ? { ...actor.via, client: engine } : actor.via
  return { actor: { ...actor, ...(via && { via }) }, requestId, action }
}

function toAuditEntry({ actor, requestId }: OperationContext, action: string, table: TableIdentifier): NewAuditEntry {
  const { userId, username, via = null } = actor
  return {
    actor: { userId, username },
    via,
    action,
    table,
    tableUuid: null,
    before: null,
    after: null,
    requestId,
    undoes: null,
  }
}

function toAuditChange(entry: NewAuditEntry): Change {
  return auditChange(entry)
}

function qualifiedName({ namespace, table }: TableIdentifier): string {
  return [...namespace, table].join('.')
}
