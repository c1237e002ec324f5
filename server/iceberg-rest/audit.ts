import 'server-only'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import type { CommittedView, WriteOptions } from '@/server/catalog/port/catalog-write'
import type { LoadedView } from '@/server/catalog/port/loaded-table'
import { auditChange, type NewAuditEntry } from '@/server/db/audit'
import { moveProposalsChange } from '@/server/db/catalog/proposals'
import { moveShortcutsChange } from '@/server/db/catalog/shortcuts'
import { commitAuditChanges } from '@/server/db/catalog/snapshot-writers'
import type { Change } from '@/server/db/database'
import { commitAuditEntry } from '@/server/table/commit/commit-audit-entry'
import { snapshotLibrary, snapshotWriter } from '@/server/table/summary-counts'
import { viewAuditEntry } from '@/server/view/view-audit-entry'
import type { OperationContext } from './serve-operation'

/** The audit rows of changes by engines. Each row is written in the transaction of its change. */

/** The action of the audit row. */
type AuditAction = { action: string; engine?: string | null; library?: string | null }

/** Options for a commit of one table, which write the audit row and the rows of the idempotency key. */
export function auditedCommitOptions(
  context: OperationContext,
  auditAction: AuditAction,
): Required<Pick<WriteOptions<'commit-table'>, 'alongside' | 'signal'>> {
  return {
    signal: context.signal,
    alongside: (committed) => [
      ...commitAuditChanges(commitAuditEntry(committed, toAuditContext(context, auditAction))),
      ...context.idempotencyChanges({ metadataLocation: committed.after.metadataLocation }),
    ],
  }
}

/** As {@link auditedCommitOptions}, for several tables: one audit row for each, and the rows of the key once. */
export function auditedTransactionOptions(
  context: OperationContext,
  findAuditAction: (identifier: TableIdentifier) => AuditAction,
): Required<Pick<WriteOptions<'commit-tables'>, 'alongside' | 'signal'>> {
  return {
    signal: context.signal,
    alongside: (committed) => [
      ...committed.flatMap((table) =>
        commitAuditChanges(commitAuditEntry(table, toAuditContext(context, findAuditAction(table.after.identifier)))),
      ),
      ...context.idempotencyChanges(),
    ],
  }
}

type RowAuditOptions = {
  /** The new name, for a rename. */
  renamedTo?: TableIdentifier
  /** Whether the response contains the table at the metadata file that the row named last. */
  isTableReturned?: boolean
  /** UUID of the table, which stays when it is renamed; null if its metadata cannot be read. */
  tableUuid?: string | null
}

/**
 * Options for dropping or renaming a table or view.
 *
 * @param identifier of a view, as that of a table
 */
export function auditedRowOptions(
  context: OperationContext,
  action: string,
  identifier: TableIdentifier,
  { renamedTo, isTableReturned = false, tableUuid = null }: RowAuditOptions = {},
): Required<Pick<WriteOptions<'drop-table' | 'rename-table' | 'drop-view' | 'rename-view'>, 'alongside' | 'signal'>> {
  return {
    signal: context.signal,
    alongside: ({ metadataLocation }) => [
      auditChange({
        ...toAuditEntry(context, action, renamedTo ?? identifier),
        tableUuid,
        before: {
          metadataLocation,
          ...(renamedTo && { name: entryLabel(identifier), namespace: identifier.namespace }),
        },
        after: renamedTo ? { metadataLocation, name: entryLabel(renamedTo), namespace: renamedTo.namespace } : null,
      }),
      ...context.idempotencyChanges(isTableReturned && metadataLocation !== null ? { metadataLocation } : null),
      ...(tableUuid === null
        ? []
        : [
            moveProposalsChange(tableUuid, identifier.catalog, renamedTo ?? null),
            moveShortcutsChange(tableUuid, identifier.catalog, renamedTo ?? null),
          ]),
    ],
  }
}

/** @param toResponseText returns the response's body */
export function auditedViewOptions(
  context: OperationContext,
  action: string,
  toResponseText: (view: LoadedView) => string,
) {
  return {
    signal: context.signal,
    alongside: (committed: CommittedView): Change[] => [
      auditChange(viewAuditEntry(committed, { ...context, action })),
      ...context.idempotencyChanges({ text: toResponseText(committed.after) }),
    ],
  }
}

/**
 * The audit action of a commit and the engine that made it: from its snapshots if it adds any, otherwise from its first
 * update. PyIceberg overwrites with two snapshots, a delete and an append.
 */
export function toAuditAction(updates: readonly TableUpdate[]): AuditAction {
  const snapshots = updates.flatMap((update) => (update.action === 'add-snapshot' ? [update.snapshot] : []))
  if (snapshots.length === 0)
    return { action: updates.find(({ action }) => action !== 'assign-uuid')?.action ?? 'commit' }
  const [operation = 'append', ...others] = new Set(snapshots.map(({ summary }) => summary.operation ?? 'append'))
  return {
    action: others.length === 0 ? operation : 'overwrite',
    engine: snapshots.map(snapshotWriter).find((writer) => writer !== null) ?? null,
    library: snapshots.map(snapshotLibrary).find((library) => library !== null) ?? null,
  }
}

/** Prefers the engine's own name to the name of the library that sends its requests. */
function toAuditContext({ actor, requestId }: OperationContext, { action, engine }: AuditAction) {
  const via = actor.via && engine ? { ...actor.via, client: engine } : actor.via
  // Others committed the snapshots of a table that is registered.
  return {
    actor: { ...actor, ...(via && { via }) },
    requestId,
    action,
    hasEarlierSnapshots: action === 'register-table',
  }
}

function toAuditEntry({ actor, requestId }: OperationContext, action: string, table: TableIdentifier): NewAuditEntry {
  const { userId, username, via = null } = actor
  return {
    actor: { userId, username },
    via,
    action,
    table,
    before: null,
    after: null,
    requestId,
  }
}
