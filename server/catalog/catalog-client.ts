import 'server-only'
import type { CatalogAbility } from '@/lib/contract/catalogs'
import type { CatalogAccess, RestAccess } from '@/lib/contract/table/tables'
import type { Namespace, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { ViewMetadata, ViewVersion } from '@/lib/iceberg/view/view-metadata'
import type { ViewChange } from '@/lib/iceberg/view/view-update'
import type { NewAuditEntry } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import type { IdempotencyKey } from '@/server/db/idempotency'
import type { ObjectStore } from '@/server/storage/object-store'
import type { Availability } from './availability'
import type { FindOutcome } from './outbox'
import type { TableLocations } from './folders/table-folders'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { SortOrder } from '@/lib/iceberg/partitioning/sort-order'

/** The embedded catalog commits at most so many tables together. */
export const MAX_TABLES_IN_TRANSACTION = 100

export type LoadedTable = {
  identifier: TableIdentifier
  /** The file that this metadata was read from. It identifies the version that later decisions are based on. */
  metadataLocation: string
  metadata: TableMetadata
  /** The store of the table's files, with the credentials of the caller that loaded the table. */
  store: ObjectStore
  /**
   * Set when the store refuses files of tables that the caller may not read. What is cached of the table's files has to
   * be kept apart for each scope, because a cache does not ask the store.
   */
  fileScope?: string
}

export type LoadedView = { identifier: ViewIdentifier; metadataLocation: string; metadata: ViewMetadata }

/** A table or a view in a list. */
export type ListedVersion = { name: string; metadataLocation: string | null }

export type RequestOptions = { signal?: AbortSignal }

/**
 * What is recorded about a write before it is sent to a catalog that is not in our database (outbox). The embedded
 * catalog ignores it, because it writes the audit entry in the transaction of the write.
 */
export type WritePlan = {
  /** The id of the audit entry, which `alongside` has to use, too. */
  auditId: string
  /** The entry as far as it is known without the table. */
  entry: NewAuditEntry
  /** The entry of a commit, by the table before it and as the commit should leave it. */
  toEntry?: (expected: CommittedTable) => NewAuditEntry
  /** Of the request: it is not repeated while the outcome is unknown. */
  idempotency?: IdempotencyKey | null
  /** Made with the record of each attempt. When it fails, nothing is sent. */
  claim?: Change
}

export type WriteOptions = RequestOptions & {
  /** What is recorded before the write is sent to another server. */
  plan?: WritePlan
}

/** A page of names in the catalog's order. `after` is the name before the page; null starts at the first name. */
export type PageRequest = { after: string | null; limit: number }

/** `next` is the `after` of the next page, and null on the last one. A page may have fewer items than the limit. */
export type Page<Item> = { items: readonly Item[]; next: string | null }

export type NamespaceContents = { namespaceCount: number; tableCount: number; viewCount: number }

export type CatalogPages = {
  /** @throws {AppError} invalid-request when `after` is not the `next` of an earlier page */
  namespaces(parent: Namespace | null, page: PageRequest): Promise<Page<Namespace>>
  tables(namespace: Namespace, page: PageRequest): Promise<Page<TableIdentifier>>
  views(namespace: Namespace, page: PageRequest): Promise<Page<ViewIdentifier>>
}

export type ListNamespacesOptions = RequestOptions & {
  /**
   * Also returns namespaces that only requests to the catalog can name, not addresses of ours, such as one with an empty
   * level, if the catalog understands these. Absent: they are left out.
   */
  includesUnshown?: boolean
  /** Called with existing namespaces that are left out because no request can address them, such as `..`. */
  onUnaddressable?: (namespaces: readonly Namespace[]) => void
}

/** A commit that happened. `before` is null when the commit created the table. */
export type CommittedTable = { before: LoadedTable | null; after: LoadedTable }

export type CommitOptions = WriteOptions & {
  /**
   * Rows of our own state that belong to the commit (audit, idempotency, a run's outcome). A catalog that lives in
   * our database writes them in the commit's transaction; any other writes them right after it is acknowledged, and
   * stores `plan` before.
   */
  alongside?: (committed: CommittedTable) => readonly Change[]
  /**
   * The time to record for the commit, for data whose history is simulated. Never earlier than the table's last
   * change. The embedded catalog alone observes it: other catalogs use their own clocks.
   */
  committedAtMs?: number
}

/** Options of a commit over several tables: `alongside` is called once for each table. */
export type TransactionOptions = CommitOptions & {
  /** Called with each table and its change before every attempt. What it throws refuses the transaction. */
  verify?: (current: LoadedTable, change: TableChange) => Promise<void>
  /** As `alongside`, for rows that belong to the whole transaction. */
  alongsideAll?: () => readonly Change[]
}

/**
 * A change, or a function that builds one from the current table. The function is called again for every version that
 * another writer commits in between, so that its decisions (a property's old value, a snapshot's parent) are based on
 * the metadata that the commit replaces. An error that it throws ends the commit. Updates that change nothing commit
 * nothing.
 */
export type TableChangeOrBuilder = TableChange | ((current: LoadedTable) => TableChange | Promise<TableChange>)

/** As {@link TableChangeOrBuilder}, for a view. */
export type ViewChangeOrBuilder = ViewChange | ((current: LoadedView) => ViewChange)

/** Options of writes that only change the catalog's row. They do not read the metadata, which may be unreadable. */
export type RowOptions<Identifier extends TableIdentifier | ViewIdentifier = TableIdentifier> = WriteOptions & {
  /** The metadata file that the caller saw. When the row names another one, nothing is written (`version-conflict`). */
  expectedLocation?: string
  /** As for a commit. `metadataLocation` is the latest metadata file of the row, or null when it has none. */
  alongside?: (row: { identifier: Identifier; metadataLocation: string | null }) => readonly Change[]
}

/** A namespace before and after a change. `before` is null when it was created, `after` when it was dropped. */
export type NamespaceChange = {
  namespace: Namespace
  before: { properties: Readonly<Record<string, string>> } | null
  after: { properties: Readonly<Record<string, string>> } | null
}

export type NamespaceOptions = WriteOptions & {
  /** As for a commit. */
  alongside?: (change: NamespaceChange) => readonly Change[]
  /** The time in the audit; now if absent. */
  committedAtMs?: number
}

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

/** A table that is not created yet: it has no catalog entry and no metadata file. */
export type StagedTable = { identifier: TableIdentifier; metadata: TableMetadata }

/** A table that is in no catalog, read from its metadata file. */
export type UnlistedTable = Pick<LoadedTable, 'metadata' | 'store'>

/** What a purge needs from the catalog to remove the files of a dropped table. */
export type PurgeSupport = {
  /** Reads a metadata file whether or not the catalog names it. Returns null when the file is gone. */
  load(metadataLocation: string, options?: RequestOptions): Promise<UnlistedTable | null>
  /** As `load`, for the metadata file of a view. */
  loadView(metadataLocation: string, options?: RequestOptions): Promise<ViewMetadata | null>
  /** Tables and views whose metadata is within the folder, or whose own folder contains it. */
  findTablesWithin(location: string): Promise<TableIdentifier[]>
  /**
   * Tables and views whose folder is the nearest one around a file. A table's properties may claim any folder of the
   * warehouse, but a file in another table's folder belongs to that table.
   */
  findOwners(location: string): Promise<TableIdentifier[]>
  /**
   * The tables whose metadata is within one of the folders, or whose own folder contains one.
   *
   * @throws {AppError} too-large when there are so many that not all are found; what reading one of them throws
   */
  loadTablesWithin(folders: readonly string[], options?: RequestOptions): Promise<LoadedTable[]>
}

/** A version of a table to go back to. */
export type EarlierVersion = {
  /** The metadata file of the table as it is. */
  expectedLocation: string
  earlierLocation: string
}

/** The table or view that owns a folder. */
export type FolderOwner = { identifier: TableIdentifier; kind: 'table' | 'view' }

/** The table or view that owns a folder, if any, and whether tables or views own folders in it. */
export type FolderOwnership = { owner: FolderOwner | null; hasOwnersBelow: boolean }

/** What an operator's view of the whole warehouse needs from the catalog. */
export type WarehouseSupport = {
  /** Its gate admits the warehouse, without the folder of Lakeshore itself. */
  store: ObjectStore
  /**
   * The ownership of each of these folders, in their order. Costs a few index lookups per folder, however many tables there
   * are. The folder of the warehouse and those around it have no owner.
   */
  readOwnership(folders: readonly string[]): Promise<FolderOwnership[]>
}

/** One table's part of a commit over several. */
export type TableCommit = { identifier: TableIdentifier; change: TableChange }

export type NewView = {
  schema: Schema
  /** Its schema id refers to `schema`. The catalog sets its version id to 1. */
  version: ViewVersion
  /** The catalog chooses it when absent. It must pass the location gate. */
  location?: string
  properties?: Readonly<Record<string, string>>
}

/** A commit of a view that happened. `before` is null when the commit created the view. */
export type CommittedView = { before: LoadedView | null; after: LoadedView }

export type ViewOptions = WriteOptions & {
  /** As for a commit. */
  alongside?: (committed: CommittedView) => readonly Change[]
  /** As for a commit. */
  committedAtMs?: number
}

export { CATALOG_ABILITIES, type CatalogAbility } from '@/lib/contract/catalogs'

/** `files`: tables opened from their metadata files, without a catalog; read only. */
export type CatalogKind = 'embedded' | 'rest' | 'files'

/**
 * What the console needs from a catalog. `Catalogs.open` chooses the adapter behind it.
 *
 * All methods throw {AppError} `not-found` for a name that does not exist and `catalog-unavailable` when the catalog
 * does not answer. Writes also throw `already-exists`, `commit-conflict` (a requirement does not hold) and
 * `commit-state-unknown` (check the outcome before a retry, and delete nothing).
 */
export type CatalogClient = {
  readonly name: string
  readonly kind: CatalogKind
  /** The default location of new tables; null when only the catalog knows it. */
  readonly warehouse: string | null
  /** REST catalogs only: how engines reach the catalog directly. */
  readonly remote?: RestAccess
  /**
   * Connections with S3 storage only: how engines reach a file in it, without keys. Returns null for other locations.
   */
  readonly findS3Access?: (location: string) => CatalogAccess['s3']
  /** Catalogs behind a network only: whether the catalog answered lately. */
  readonly availability?: Availability
  /** Reads the endpoints of a remote catalog, so it needs a request to it. */
  abilities(options?: RequestOptions): Promise<ReadonlySet<CatalogAbility>>
  /**
   * The store of a table's files, as `LoadedTable.store`, without loading the metadata. Its gate lets through only the
   * locations that the connection allows.
   */
  openStore(identifier: TableIdentifier, options?: RequestOptions): Promise<ObjectStore>

  /** Direct children of `parent` (null: the top level), in name order. */
  listNamespaces(parent: Namespace | null, options?: ListNamespacesOptions): Promise<Namespace[]>
  /**
   * Counts what is directly in each of these children of `parent`. Absent when the catalog cannot count without
   * listing.
   */
  countContents?(parent: Namespace | null, namespaces: readonly Namespace[]): Promise<NamespaceContents[]>
  /**
   * Lists page by page. Absent when the catalog cannot start after a name. The cost of a page depends on its size
   * alone.
   */
  pages?: CatalogPages
  loadNamespace(
    namespace: Namespace,
    options?: RequestOptions,
  ): Promise<{ namespace: Namespace; properties: Record<string, string> }>
  /**
   * Default location of the namespace's tables, unless its properties set `location`. Absent when only the catalog
   * knows it.
   */
  namespaceLocation?(namespace: Namespace): string
  createNamespace(namespace: Namespace, properties: Record<string, string>, options?: NamespaceOptions): Promise<void>
  /** Sets and removes properties in one change. No key may be in both lists. Removing a missing key is no error. */
  updateNamespace(
    namespace: Namespace,
    change: { updates: Readonly<Record<string, string>>; removals: readonly string[] },
    options?: NamespaceOptions,
  ): Promise<{ updated: string[]; removed: string[]; missing: string[] }>
  /** @throws {AppError} namespace-not-empty */
  dropNamespace(namespace: Namespace, options?: NamespaceOptions): Promise<void>

  /**
   * Tables and views directly in the namespace with their current metadata files. Absent when the catalog cannot say it
   * without loading them.
   */
  listVersions?(namespace: Namespace): Promise<ListedVersion[]>
  /** Tables directly in the namespace, in name order. */
  listTables(namespace: Namespace, options?: RequestOptions): Promise<TableIdentifier[]>
  loadTable(identifier: TableIdentifier, options?: RequestOptions): Promise<LoadedTable>
  createTable(identifier: TableIdentifier, table: NewTable, options?: CommitOptions): Promise<LoadedTable>
  /** Returns what `createTable` would create. The client extends it and then commits with `assert-create`. */
  stageTable(identifier: TableIdentifier, table: NewTable, options?: RequestOptions): Promise<StagedTable>
  /**
   * Checks the folders of a table that is to be created or registered, as far as that is known here. It asks no other
   * server to stage a table, because that could leave files there.
   *
   * @throws {AppError} location-refused; already-exists, invalid-request for the folders of others
   */
  checkNewFolders(identifier: TableIdentifier, locations: TableLocations, options?: RequestOptions): Promise<void>
  /** Adds an existing metadata file to the catalog. With `overwrite` it replaces a table of that name. */
  registerTable(
    identifier: TableIdentifier,
    metadataLocation: string,
    options?: CommitOptions & { overwrite?: boolean },
  ): Promise<LoadedTable>
  renameTable(from: TableIdentifier, to: TableIdentifier, options?: RowOptions): Promise<void>
  /**
   * Removes the table from the catalog. Its files stay, unless `purge` is set and the catalog removes files itself
   * (ability `purge-table`, and no `purgeSupport` here).
   */
  dropTable(identifier: TableIdentifier, options?: RowOptions & { purge?: boolean }): Promise<void>
  /** Present when Lakeshore itself removes the files of a purged table. */
  readonly purgeSupport?: PurgeSupport
  /** Absent when only the catalog knows which folders belong to which table. */
  readonly warehouseSupport?: WarehouseSupport
  /**
   * Applies a change to the newest metadata as one commit. When another writer commits first, the catalog checks the
   * requirements again on the new version. If they hold, it applies the change on top, until its time budget for
   * retries ends. A change that asserts `assert-create` creates the table.
   *
   * @throws {AppError} table-busy when other writers always committed first; nothing was committed
   * @throws {UnexpectedChanges} when a change of `alongside` fails, with its index there; nothing was committed
   */
  commitTable(identifier: TableIdentifier, change: TableChangeOrBuilder, options?: CommitOptions): Promise<LoadedTable>
  /**
   * Makes what an earlier metadata file says the next version of the table, with the snapshots and refs of then. Present
   * in catalogs in our database: no update of Iceberg's brings back a snapshot that was removed.
   *
   * @throws {AppError} version-conflict when the table has another metadata file than expected; file-missing
   */
  restoreMetadata?(identifier: TableIdentifier, version: EarlierVersion, options?: CommitOptions): Promise<LoadedTable>
  /** Whether the catalog is known to register no table in the folder of another one. Absent: not known. */
  keepsFoldersSeparate?(options?: RequestOptions): Promise<boolean>
  /** The REST path of such a commit: `/v1/…`, percent-encoded, relative to the catalog's base. */
  commitPath(identifier: TableIdentifier, options?: RequestOptions): Promise<string>
  /** Commits all of them or none. */
  commitTables(commits: readonly TableCommit[], options?: TransactionOptions): Promise<LoadedTable[]>

  /** Views directly in the namespace, in name order; empty when the catalog does not support views. */
  listViews(namespace: Namespace, options?: RequestOptions): Promise<ViewIdentifier[]>
  loadView(identifier: ViewIdentifier, options?: RequestOptions): Promise<LoadedView>
  createView(identifier: ViewIdentifier, view: NewView, options?: ViewOptions): Promise<LoadedView>
  registerView(identifier: ViewIdentifier, metadataLocation: string, options?: ViewOptions): Promise<LoadedView>
  commitView(identifier: ViewIdentifier, change: ViewChangeOrBuilder, options?: ViewOptions): Promise<LoadedView>
  renameView(from: ViewIdentifier, to: ViewIdentifier, options?: RowOptions<ViewIdentifier>): Promise<void>
  dropView(identifier: ViewIdentifier, options?: RowOptions<ViewIdentifier>): Promise<void>
  /** Catalogs behind a network only: whether a write that they never acknowledged was made. */
  readonly findOutcome?: FindOutcome
}
