import 'server-only'
import type { CatalogAbility } from '@/lib/contract/catalogs'
import type { CatalogAccess, RestAccess } from '@/lib/contract/tables'
import type { Namespace, TableIdentifier } from '@/lib/iceberg/identifiers'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { ViewMetadata, ViewVersion } from '@/lib/iceberg/view/view-metadata'
import type { ViewChange } from '@/lib/iceberg/view/view-update'
import type { Change } from '@/server/db/database'
import type { ObjectStore } from '@/server/storage/object-store'
import type { Availability } from './availability'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { SortOrder } from '@/lib/iceberg/partitioning/sort-order'

export type LoadedTable = {
  identifier: TableIdentifier
  /** Where this metadata was read: the version every later decision is made on. */
  metadataLocation: string
  metadata: TableMetadata
  /** Of the table's files, with what the one who loaded it may use to reach them. */
  store: ObjectStore
}

export type LoadedView = { identifier: TableIdentifier; metadataLocation: string; metadata: ViewMetadata }

export type RequestOptions = { signal?: AbortSignal }

/** Names behind one of them, in the catalog's order; null: from the first on. */
export type PageRequest = { after: string | null; limit: number }

/** `next`: what the next page is behind; null after the last. A page may hold fewer than it could. */
export type Page<Item> = { items: readonly Item[]; next: string | null }

export type NamespaceContents = { namespaceCount: number; tableCount: number; viewCount: number }

export type CatalogPages = {
  /** @throws {AppError} invalid-request for a page behind what no page ended with */
  namespaces(parent: Namespace | null, page: PageRequest): Promise<Page<Namespace>>
  tables(namespace: Namespace, page: PageRequest): Promise<Page<TableIdentifier>>
  views(namespace: Namespace, page: PageRequest): Promise<Page<TableIdentifier>>
}

export type ListNamespacesOptions = RequestOptions & {
  /** Told of those that are there but have names by which nobody can ask for them, such as an empty one. */
  onUnaddressable?: (namespaces: readonly Namespace[]) => void
}

/** A commit as it happened. `before` is null when the table was created by it. */
export type CommittedTable = { before: LoadedTable | null; after: LoadedTable }

export type CommitOptions = RequestOptions & {
  /**
   * Rows of our own state that belong to the commit (audit, idempotency, a run's outcome). A catalog that lives in
   * our database writes them in the commit's transaction; any other writes them right after it is acknowledged.
   */
  alongside?: (committed: CommittedTable) => readonly Change[]
}

/** Of a commit over several tables: `alongside` is asked once for each of them. */
export type TransactionOptions = CommitOptions & {
  /** As `alongside`, for what belongs to all of them together. */
  alongsideAll?: () => readonly Change[]
}

/**
 * A change, or how to make one from the table as it is: asked again on every version that another writer put in
 * between, so that what it decides (a property's old value, a snapshot's parent) is decided on the metadata that is
 * replaced. What it throws ends the commit. Updates that change nothing commit nothing.
 */
export type TableChangeOrBuilder = TableChange | ((current: LoadedTable) => TableChange | Promise<TableChange>)

/** Of writes that only change the catalog's row; the metadata, perhaps unreadable, is not looked at. */
export type RowOptions = RequestOptions & {
  /** As for a commit. `metadataLocation` is the table's last one; null where the row has none. */
  alongside?: (row: { identifier: TableIdentifier; metadataLocation: string | null }) => readonly Change[]
}

/** A namespace as it was or is; null on the side where it is not there. */
export type NamespaceChange = {
  namespace: Namespace
  before: { properties: Readonly<Record<string, string>> } | null
  after: { properties: Readonly<Record<string, string>> } | null
}

export type NamespaceOptions = RequestOptions & {
  /** As for a commit. */
  alongside?: (change: NamespaceChange) => readonly Change[]
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

/** A table as it would be created: nothing is in the catalog yet, and no file is written. */
export type StagedTable = { identifier: TableIdentifier; metadata: TableMetadata }

/** A table that no catalog names, read from its metadata file. */
export type UnlistedTable = Pick<LoadedTable, 'metadata' | 'store'>

/** What removing the files of a dropped table needs to know. */
export type PurgeSupport = {
  /** Null where the metadata file is gone; whether the catalog names it is not asked. */
  load(metadataLocation: string, options?: RequestOptions): Promise<UnlistedTable | null>
  /** Tables and views that have their metadata within a folder, or whose folder it is within. */
  findTablesWithin(location: string): Promise<TableIdentifier[]>
  /**
   * Tables and views whose folder is the nearest one around a file. A table's properties may name any folder of the
   * warehouse as its own; what is in another's is the other's.
   */
  findOwners(location: string): Promise<TableIdentifier[]>
}

/** One table's part of a commit over several. */
export type TableCommit = { identifier: TableIdentifier; change: TableChange }

export type NewView = {
  schema: Schema
  /** Its schema id means `schema`; its own id becomes 1. */
  version: ViewVersion
  /** Chosen by the catalog where absent; passes the location gate. */
  location?: string
  properties?: Readonly<Record<string, string>>
}

/** A commit of a view as it happened. `before` is null when the view was created by it. */
export type CommittedView = { before: LoadedView | null; after: LoadedView }

export type ViewOptions = RequestOptions & {
  /** As for a commit. */
  alongside?: (committed: CommittedView) => readonly Change[]
}

export { CATALOG_ABILITIES, type CatalogAbility } from '@/lib/contract/catalogs'

/** `files`: tables opened from their metadata files, without a catalog; read only. */
export type CatalogKind = 'embedded' | 'rest' | 'files'

/**
 * What the console needs from a catalog. The type alone: `open-catalog` chooses the adapter behind it.
 *
 * All throw {AppError} `not-found` for a name that is not there, `catalog-unavailable` when the catalog does not
 * answer. Writes throw `already-exists`, `commit-conflict` (a requirement does not hold), `commit-state-unknown`
 * (look before trying again, delete nothing).
 */
export type CatalogClient = {
  readonly name: string
  readonly kind: CatalogKind
  /** Where new tables are put when nothing else is said; null where only the catalog knows. */
  readonly warehouse: string | null
  /** Of a REST catalog: how engines reach it by themselves. */
  readonly remote?: RestAccess
  /** Of a connection with storage in S3: how engines reach a file in it, without keys; null for what is not in it. */
  readonly findS3Access?: (location: string) => CatalogAccess['s3']
  /** Of a catalog behind a network: whether it was heard of lately. */
  readonly availability?: Availability
  /** Known once the catalog was reached: a remote one is asked for its endpoints. */
  abilities(options?: RequestOptions): Promise<ReadonlySet<CatalogAbility>>
  /**
   * The store of a table's files, as `LoadedTable.store`, for who has no need of its metadata. Its gate lets through
   * what the connection allows and nothing else.
   */
  openStore(identifier: TableIdentifier, options?: RequestOptions): Promise<ObjectStore>

  /** Direct children of `parent` (null: the top), in name order. */
  listNamespaces(parent: Namespace | null, options?: ListNamespacesOptions): Promise<Namespace[]>
  /** What is directly in each of these children of `parent`, where the catalog can count without listing. */
  countContents?(parent: Namespace | null, namespaces: readonly Namespace[]): Promise<NamespaceContents[]>
  /** Lists by pages, where the catalog can begin behind a name: a page costs what it holds. */
  pages?: CatalogPages
  loadNamespace(
    namespace: Namespace,
    options?: RequestOptions,
  ): Promise<{ namespace: Namespace; properties: Record<string, string> }>
  /** Where new tables of it are put, unless its properties name another `location`; absent where only the catalog knows. */
  namespaceLocation?(namespace: Namespace): string
  createNamespace(namespace: Namespace, properties: Record<string, string>, options?: NamespaceOptions): Promise<void>
  /** Sets and removes properties at once; no key may be in both. What is removed need not be there. */
  updateNamespace(
    namespace: Namespace,
    change: { updates: Readonly<Record<string, string>>; removals: readonly string[] },
    options?: NamespaceOptions,
  ): Promise<{ updated: string[]; removed: string[]; missing: string[] }>
  /** @throws {AppError} namespace-not-empty */
  dropNamespace(namespace: Namespace, options?: NamespaceOptions): Promise<void>

  /** Tables directly in the namespace, in name order. */
  listTables(namespace: Namespace, options?: RequestOptions): Promise<TableIdentifier[]>
  loadTable(identifier: TableIdentifier, options?: RequestOptions): Promise<LoadedTable>
  createTable(identifier: TableIdentifier, table: NewTable, options?: CommitOptions): Promise<LoadedTable>
  /** What `createTable` would make: a client adds to it and then commits with `assert-create`. */
  stageTable(identifier: TableIdentifier, table: NewTable, options?: RequestOptions): Promise<StagedTable>
  /** Takes a metadata file that is there into the catalog; `overwrite` also where the name is taken. */
  registerTable(
    identifier: TableIdentifier,
    metadataLocation: string,
    options?: CommitOptions & { overwrite?: boolean },
  ): Promise<LoadedTable>
  renameTable(from: TableIdentifier, to: TableIdentifier, options?: RowOptions): Promise<void>
  /**
   * Takes the table out of the catalog; its files stay, unless `purge` is asked of a catalog that removes them itself
   * (ability `purge-table`, and no `purging` here).
   */
  dropTable(identifier: TableIdentifier, options?: RowOptions & { purge?: boolean }): Promise<void>
  /** Of a catalog that leaves it to us to remove the files of a table that is dropped with them. */
  readonly purgeSupport?: PurgeSupport
  /**
   * Applies a change to the newest metadata as one commit. When another writer commits first, the requirements are
   * checked again on what it wrote and, if they hold, the change is applied on top of it, for as long as the catalog
   * takes the time. A change that asserts `assert-create` creates the table.
   *
   * @throws {AppError} table-busy when others kept committing first; nothing was committed
   * @throws {UnexpectedChanges} of a change of `alongside`, with its index there; nothing was committed
   */
  commitTable(identifier: TableIdentifier, change: TableChangeOrBuilder, options?: CommitOptions): Promise<LoadedTable>
  /** Where such a commit is sent over REST: `/v1/…`, percent-encoded, after the catalog's base. */
  commitPath(identifier: TableIdentifier, options?: RequestOptions): Promise<string>
  /** All of them or none. */
  commitTables(commits: readonly TableCommit[], options?: TransactionOptions): Promise<LoadedTable[]>

  /** Views directly in the namespace, in name order; none where the catalog has no views. */
  listViews(namespace: Namespace, options?: RequestOptions): Promise<TableIdentifier[]>
  loadView(identifier: TableIdentifier, options?: RequestOptions): Promise<LoadedView>
  createView(identifier: TableIdentifier, view: NewView, options?: ViewOptions): Promise<LoadedView>
  registerView(identifier: TableIdentifier, metadataLocation: string, options?: ViewOptions): Promise<LoadedView>
  commitView(identifier: TableIdentifier, change: ViewChange, options?: ViewOptions): Promise<LoadedView>
  renameView(from: TableIdentifier, to: TableIdentifier, options?: RowOptions): Promise<void>
  dropView(identifier: TableIdentifier, options?: RowOptions): Promise<void>
}
