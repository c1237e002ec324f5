import 'server-only'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { SortOrder } from '@/lib/iceberg/partitioning/sort-order'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { ViewVersion } from '@/lib/iceberg/view/view-metadata'
import type { ViewChange } from '@/lib/iceberg/view/view-update'
import type { Namespace, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import type { NewAuditEntry } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import type { IdempotencyKey } from '@/server/db/idempotency'
import type { LoadedTable, LoadedView } from './loaded-table'
import type { RequestOptions } from './request-options'

/** The embedded catalog commits at most so many tables together. */
export const MAX_TABLES_IN_TRANSACTION = 100

/** The fields of each kind of write, the value that its `alongside` gets, and its result. */
type CatalogWrites = {
  'create-namespace': WriteOf<
    { namespace: Namespace; properties: Readonly<Record<string, string>> },
    NamespaceChange,
    void
  >
  /** Sets and removes properties in one change. No key may be in both lists. Removing a missing key is not an error. */
  'update-namespace': WriteOf<
    { namespace: Namespace; updates: Readonly<Record<string, string>>; removals: readonly string[] },
    NamespaceChange,
    { updated: string[]; removed: string[]; missing: string[] }
  >
  /** Refused as `namespace-not-empty` while anything is in it. */
  'drop-namespace': WriteOf<{ namespace: Namespace }, NamespaceChange, void>

  'create-table': WriteOf<{ table: TableIdentifier } & NewTable, CommittedTable, LoadedTable>
  /** Adds an existing metadata file to the catalog. With `overwrite` it replaces a table of that name. */
  'register-table': WriteOf<
    { table: TableIdentifier; metadataLocation: string; overwrite?: boolean },
    CommittedTable,
    LoadedTable
  >
  /**
   * Applies a change to the newest metadata as one commit. When another writer commits first, the catalog checks the
   * requirements again on the new version. If they hold, it applies the change on top, until its time budget for
   * retries ends; it then refuses the write as `table-busy`. A change that asserts `assert-create` creates the table.
   */
  'commit-table': WriteOf<{ table: TableIdentifier; change: TableChangeOrBuilder }, CommittedTable, LoadedTable>
  /**
   * Commits all of them or none. `verify` is called with each table and its change before every attempt; what it throws
   * refuses them all.
   */
  'commit-tables': WriteOf<
    { commits: readonly TableCommit[]; verify?: (current: LoadedTable, change: TableChange) => Promise<void> },
    readonly CommittedTable[],
    LoadedTable[]
  >
  /**
   * Makes the content of an earlier metadata file the next version of the table, with its snapshots and refs: no update
   * of Iceberg's restores a removed snapshot. Refused as `version-conflict` unless
   * `expectedLocation` is the table's metadata file. Only of catalogs with `restoresMetadata`.
   */
  'restore-metadata': WriteOf<
    { table: TableIdentifier; expectedLocation: string; earlierLocation: string },
    CommittedTable,
    LoadedTable
  >
  'rename-table': WriteOf<{ table: TableIdentifier; to: TableIdentifier }, ChangedRow, void>
  /**
   * Removes the table from the catalog. Its files stay, unless `purge` is set and the catalog removes files itself
   * (ability `purge-table`, and no `purgeSupport` here).
   */
  'drop-table': WriteOf<{ table: TableIdentifier; purge?: boolean } & ExpectedRow, ChangedRow, void>

  'create-view': WriteOf<{ view: ViewIdentifier } & NewView, CommittedView, LoadedView>
  'register-view': WriteOf<{ view: ViewIdentifier; metadataLocation: string }, CommittedView, LoadedView>
  'commit-view': WriteOf<{ view: ViewIdentifier; change: ViewChangeOrBuilder }, CommittedView, LoadedView>
  'rename-view': WriteOf<{ view: ViewIdentifier; to: ViewIdentifier }, ChangedRow, void>
  'drop-view': WriteOf<{ view: ViewIdentifier } & ExpectedRow, ChangedRow, void>
}

type WriteOf<Fields, Written, Result> = { fields: Fields; written: Written; result: Result }

export type WriteKind = keyof CatalogWrites

/** One write of a catalog, as a value; of any kind if none is named. */
export type CatalogWrite<Kind extends WriteKind = WriteKind> = {
  [Each in Kind]: { kind: Each } & CatalogWrites[Each]['fields']
}[Kind]

export type Written<Kind extends WriteKind> = CatalogWrites[Kind]['written']
export type WriteResult<Kind extends WriteKind> = CatalogWrites[Kind]['result']

/** The same for every kind of write. */
export type WriteOptions<Kind extends WriteKind = WriteKind> = RequestOptions & {
  /** Recorded before the write is sent to another server. */
  plan?: WritePlan
  /**
   * Rows of our own state that belong to the write (audit, idempotency, a run's outcome). A catalog that lives in our
   * database writes them in the transaction of the write; any other writes them right after it is acknowledged, and
   * stores `plan` before.
   */
  alongside?: (written: Written<Kind>) => readonly Change[]
  /**
   * The time to record for the write, for data whose history is simulated; now if absent. Never earlier than the
   * table's last change. The embedded catalog alone observes it: other catalogs use their own clocks.
   */
  committedAtMs?: number
  /**
   * Called with each metadata file of a table before it is written; an error stops the write. Only a catalog that writes
   * them itself calls it.
   */
  beforeMetadata?: (location: string) => Promise<void>
}

/**
 * Carries out one write.
 *
 * Throws {AppError} `not-found` for a name that does not exist, `already-exists`, `commit-conflict` (a requirement does
 * not hold), `commit-state-unknown` (check the outcome before a retry, and delete nothing), `not-supported` for a kind
 * that the catalog does not have, and `catalog-unavailable`; {UnexpectedChanges} when a change of `alongside` fails,
 * with its index there: nothing was written.
 */
export type Write = <Kind extends WriteKind>(
  write: CatalogWrite<Kind>,
  options?: WriteOptions<Kind>,
) => Promise<WriteResult<Kind>>

/** An adapter's function for each kind of write. `Rest` are further arguments that the adapter passes. */
export type WriteHandlers<Deps, Rest extends readonly unknown[] = []> = {
  [Kind in WriteKind]: (
    deps: Deps,
    write: CatalogWrite<Kind>,
    options: WriteOptions<Kind>,
    ...rest: Rest
  ) => Promise<WriteResult<Kind>>
}

/**
 * The record of a write, stored before it is sent to a catalog that is not in our database (outbox). The embedded
 * catalog ignores it, because it writes the audit entry in the transaction of the write.
 */
export type WritePlan = {
  /** The id of the audit entry, which `alongside` has to use, too. */
  auditId: string
  /** The entry as far as it is known without the table. */
  entry: NewAuditEntry
  /** The entry of a commit, by the table before it and as the commit should leave it. */
  toEntry?: (expected: CommittedTable) => NewAuditEntry
  /** The key of the request: it is not repeated while the outcome is unknown. */
  idempotency?: IdempotencyKey | null
  /** Made with the record of each attempt. When it fails, nothing is sent. */
  claim?: Change
}

/** A namespace before and after a change. `before` is null when it was created, `after` when it was dropped. */
export type NamespaceChange = {
  namespace: Namespace
  before: { properties: Readonly<Record<string, string>> } | null
  after: { properties: Readonly<Record<string, string>> } | null
}

/**
 * A commit that happened. `before` is null when the commit created the table. `effort`: how long our own catalog took
 * for it, and how often it began again because another writer was first.
 */
export type CommittedTable = {
  before: LoadedTable | null
  after: LoadedTable
  effort?: { durationMs: number; retries: number }
}

/** A commit of a view that happened. `before` is null when the commit created the view. */
export type CommittedView = { before: LoadedView | null; after: LoadedView }

/**
 * The outcome of a write that changes only the catalog's row. It does not read the metadata, which may be unreadable:
 * `metadataLocation` is the latest metadata file of the row, or null when it has none.
 */
export type ChangedRow = { metadataLocation: string | null }

/** The metadata file that the caller saw. When the row names another one, nothing is written (`version-conflict`). */
type ExpectedRow = { expectedLocation?: string }

/**
 * A change, or a function that builds one from the current table. The function is called again for every version that
 * another writer commits in between, so that its decisions (a property's old value, a snapshot's parent) are based on
 * the metadata that the commit replaces. An error that it throws ends the commit. Updates that change nothing commit
 * nothing.
 */
export type TableChangeOrBuilder = TableChange | ((current: LoadedTable) => TableChange | Promise<TableChange>)

/** As {@link TableChangeOrBuilder}, for a view. */
type ViewChangeOrBuilder = ViewChange | ((current: LoadedView) => ViewChange)

/** One table's part of a commit over several. */
export type TableCommit = { identifier: TableIdentifier; change: TableChange }

export type NewTable = {
  /**
   * The catalog assigns new field ids in order (spec, *Column IDs*) and rebinds partition spec and sort order by column
   * name.
   */
  schema: Schema
  partitionSpec?: PartitionSpec
  sortOrder?: SortOrder
  /** The catalog chooses it when absent. It must pass the location gate. */
  location?: string
  properties?: Readonly<Record<string, string>>
}

export type NewView = {
  schema: Schema
  /** Its schema id refers to `schema`. The catalog sets its version id to 1. */
  version: ViewVersion
  /** The catalog chooses it when absent. It must pass the location gate. */
  location?: string
  properties?: Readonly<Record<string, string>>
}

/** Adds something to every write of a catalog, of whatever kind. */
export type WriteDecorator = (next: Write) => Write

/** A write as one of a union, whose `kind` tells the other fields: the compiler narrows no generic type. */
export function anyWrite<Kind extends WriteKind>(write: CatalogWrite<Kind>): CatalogWrite {
  return write as CatalogWrite
}
