import 'server-only'
import type { TableRef } from '@/lib/iceberg/identifiers'
import type { TableUpdate } from '@/lib/iceberg/table-update'
import type {
  CommittedView,
  CommitOptions,
  LoadedView,
  RowOptions,
  TransactionOptions,
} from '@/server/catalog/catalog-client'
import { auditChange, type NewAuditEntry } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import { auditOfCommit } from '@/server/table/audit-of-commit'
import { writerOf } from '@/server/table/summary-counts'
import { auditOfView } from '@/server/view/audit-of-commit'
import type { RestAsked } from './serve-operation'

/** The audit rows of what engines do, each written in the transaction of what it tells of. */

/** What the row tells was done. */
type Deed = { action: string; engine?: string | null }

/** With the rows of the idempotency key, for a commit of one table. */
export function ofCommit(asked: RestAsked, deed: Deed): Pick<CommitOptions, 'alongside' | 'signal'> {
  return {
    signal: asked.signal,
    alongside: (committed) => [
      rowOf(auditOfCommit(committed, toldOf(asked, deed))),
      ...asked.keyChanges({ metadataLocation: committed.after.metadataLocation }),
    ],
  }
}

/** As {@link ofCommit}, of several tables: a row for each, and those of the key once. */
export function ofTransaction(asked: RestAsked, deedOn: (ref: TableRef) => Deed): TransactionOptions {
  return {
    signal: asked.signal,
    alongside: (committed) => [rowOf(auditOfCommit(committed, toldOf(asked, deedOn(committed.after.ref))))],
    alongsideAll: () => asked.keyChanges(),
  }
}

type OfRow = {
  /** The new name, of one that is renamed. */
  to?: TableRef
  /** Whether the answer tells of the metadata file that the row named last. */
  isAnswered?: boolean
}

/** For a table or view that is dropped or renamed. */
export function ofRow(asked: RestAsked, action: string, { to, isAnswered = false }: OfRow = {}): RowOptions {
  return {
    signal: asked.signal,
    alongside: ({ ref, metadataLocation }) => [
      rowOf({
        ...entryOf(asked, action, to ?? ref),
        before: { metadataLocation, ...(to && { name: nameOf(ref) }) },
        after: to ? { metadataLocation, name: nameOf(to) } : null,
      }),
      ...asked.keyChanges(isAnswered && metadataLocation !== null ? { metadataLocation } : null),
    ],
  }
}

/** @param textFor the body of the answer */
export function ofView(asked: RestAsked, action: string, textFor: (view: LoadedView) => string) {
  return {
    signal: asked.signal,
    alongside: (committed: CommittedView): Change[] => [
      rowOf(auditOfView(committed, { ...asked, action })),
      ...asked.keyChanges({ text: textFor(committed.after) }),
    ],
  }
}

/** What a commit did and the engine that says it did, in the words of its snapshot where it adds one, else of its first update. */
export function deedOf(updates: readonly TableUpdate[]): Deed {
  for (const update of updates) {
    if (update.action !== 'add-snapshot') continue
    return { action: update.snapshot.summary.operation ?? 'append', engine: writerOf(update.snapshot) }
  }
  return { action: updates.find(({ action }) => action !== 'assign-uuid')?.action ?? 'commit' }
}

/** An engine is known by its own name rather than by that of the library it asks with. */
function toldOf({ actor, requestId }: RestAsked, { action, engine }: Deed) {
  const via = actor.via && engine ? { ...actor.via, client: engine } : actor.via
  return { actor: { ...actor, ...(via && { via }) }, requestId, action }
}

function entryOf({ actor, requestId }: RestAsked, action: string, table: TableRef): NewAuditEntry {
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

function rowOf(entry: NewAuditEntry): Change {
  return auditChange(entry)
}

function nameOf({ namespace, table }: TableRef): string {
  return [...namespace, table].join('.')
}
