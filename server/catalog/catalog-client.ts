import 'server-only'
import type { Namespace, TableRef } from '@/lib/iceberg/identifiers'
import type { PartitionSpec, SortOrder, TableMetadata } from '@/lib/iceberg/table-metadata'
import type { TableChange } from '@/lib/iceberg/table-update'
import type { Schema } from '@/lib/iceberg/types'
import type { Statement } from '@/server/db/database'

export type LoadedTable = {
  ref: TableRef
  /** Where this metadata was read: the version every later decision is made on. */
  metadataLocation: string
  metadata: TableMetadata
}

type Asked = { signal?: AbortSignal }

/** A commit as it happened. `before` is null when the table was created by it. */
export type Committed = { before: LoadedTable | null; after: LoadedTable }

export type CommitOptions = Asked & {
  /**
   * Rows of our own state that belong to the commit (audit, idempotency, a run's outcome). A catalog that lives in
   * our database writes them in the commit's transaction; any other writes them right after it is acknowledged.
   */
  alongside?: (committed: Committed) => readonly Statement[]
}

/**
 * A change, or how to make one from the table as it is: asked again on every version that another writer put in
 * between, so that what it decides (a property's old value, a snapshot's parent) is decided on the metadata that is
 * replaced. What it throws ends the commit. Updates that change nothing commit nothing.
 */
export type ChangeOn = TableChange | ((current: LoadedTable) => TableChange | Promise<TableChange>)

/** Of writes that only change the catalog's row; the metadata, perhaps unreadable, is not looked at. */
export type RowOptions = Asked & {
  /** As for a commit. `metadataLocation` is the table's last one; null where the row has none. */
  alongside?: (row: { ref: TableRef; metadataLocation: string | null }) => readonly Statement[]
}

/** A namespace as it was or is; null on the side where it is not there. */
export type NamespaceChange = {
  namespace: Namespace
  before: { properties: Readonly<Record<string, string>> } | null
  after: { properties: Readonly<Record<string, string>> } | null
}

export type NamespaceOptions = Asked & {
  /** As for a commit. */
  alongside?: (change: NamespaceChange) => readonly Statement[]
}

export type NewTable = {
  /** Field ids are assigned anew, in order (spec, *Column IDs*), and spec and order are rebound to them by name. */
  schema: Schema
  partitionSpec?: PartitionSpec
  sortOrder?: SortOrder
  /** Chosen by the catalog where absent; passes the location gate. */
  location?: string
  properties?: Readonly<Record<string, string>>
}

/**
 * What the console needs from a catalog. The type alone: `open-catalog` chooses the adapter behind it.
 *
 * All throw {AppError} `not-found` for a name that is not there, `catalog-unavailable` when the catalog does not
 * answer. Writes throw `already-exists`, `commit-conflict` (a requirement does not hold), `commit-state-unknown`
 * (look before trying again, delete nothing).
 */
export type CatalogClient = {
  readonly name: string
  readonly kind: 'embedded'
  readonly warehouse: string
  /** Direct children of `parent` (null: the top), in name order. */
  listNamespaces(parent: Namespace | null, asked?: Asked): Promise<Namespace[]>
  loadNamespace(
    namespace: Namespace,
    asked?: Asked,
  ): Promise<{ namespace: Namespace; properties: Record<string, string> }>
  createNamespace(namespace: Namespace, properties: Record<string, string>, options?: NamespaceOptions): Promise<void>
  /** @throws {AppError} namespace-not-empty */
  dropNamespace(namespace: Namespace, options?: NamespaceOptions): Promise<void>
  /** Tables directly in the namespace, in name order. */
  listTables(namespace: Namespace, asked?: Asked): Promise<TableRef[]>
  loadTable(ref: TableRef, asked?: Asked): Promise<LoadedTable>
  createTable(ref: TableRef, table: NewTable, options?: CommitOptions): Promise<LoadedTable>
  renameTable(from: TableRef, to: TableRef, options?: RowOptions): Promise<void>
  /** Takes the table out of the catalog; its files stay. */
  dropTable(ref: TableRef, options?: RowOptions): Promise<void>
  /**
   * Applies a change to the newest metadata as one commit. When another writer commits first, the requirements are
   * checked again on what it wrote and, if they hold, the change is applied on top of it, at most
   * `commit.retry.num-retries` times.
   *
   * @throws {UnexpectedChanges} of a statement of `alongside`, with its index there; nothing was committed
   */
  commitTable(ref: TableRef, change: ChangeOn, options?: CommitOptions): Promise<LoadedTable>
}
