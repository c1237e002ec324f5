import 'server-only'
import type { CatalogAbility } from '@/lib/contract/catalogs'
import type { CatalogAccess, RestAccess } from '@/lib/contract/table/tables'
import type { Namespace, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import type { ObjectStore } from '@/server/storage/object-store'
import type { Availability } from '../availability'
import type {
  CatalogPages,
  ListedVersion,
  ListNamespacesOptions,
  ListOptions,
  NamespaceContents,
} from './catalog-lists'
import type { NewTable, Write } from './catalog-write'
import type { TableLocations } from '../folders/table-folders'
import type { LoadedTable, LoadedView, StagedTable } from './loaded-table'
import type { FindOutcome } from './outbox'
import type { PollMetadata } from './polled-metadata'
import type { PurgeSupport } from './purge-support'
import type { RequestOptions } from './request-options'
import type { WarehouseSupport } from './warehouse-support'

/** `files`: tables opened from their metadata files, without a catalog; read only. */
export type CatalogKind = 'embedded' | 'rest' | 'files'

/**
 * A catalog as the console uses it: reads, and one function for all writes. `Catalogs.open` chooses the adapter
 * behind it.
 *
 * All methods throw {AppError} `not-found` for a name that does not exist and `catalog-unavailable` when the catalog
 * does not answer.
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
  /**
   * Tables and views directly in the namespace with their current metadata files. Absent when the catalog cannot say it
   * without loading them.
   */
  listVersions?(namespace: Namespace): Promise<ListedVersion[]>
  /** Tables directly in the namespace, in name order. */
  listTables(namespace: Namespace, options?: ListOptions): Promise<TableIdentifier[]>
  loadTable(identifier: TableIdentifier, options?: RequestOptions): Promise<LoadedTable>
  /**
   * Loads the metadata only, unless it is unchanged. Absent when the catalog says without loading it whether a table has
   * changed.
   */
  pollMetadata?: PollMetadata
  /** Returns what `create-table` would create. The client extends it and then commits with `assert-create`. */
  stageTable(identifier: TableIdentifier, table: NewTable, options?: RequestOptions): Promise<StagedTable>
  /**
   * Checks the folders of a table that is to be created or registered, as far as that is known here. It asks no other
   * server to stage a table, because that could leave files there.
   *
   * @throws {AppError} location-refused; already-exists, invalid-request for the folders of others
   */
  checkNewFolders(identifier: TableIdentifier, locations: TableLocations, options?: RequestOptions): Promise<void>
  /** Present when Lakeshore itself removes the files of a purged table. */
  readonly purgeSupport?: PurgeSupport
  /** Absent when only the catalog knows which folders belong to which table. */
  readonly warehouseSupport?: WarehouseSupport
  /** Whether the catalog is known to register no table in the folder of another one. Absent: not known. */
  keepsFoldersSeparate?(options?: RequestOptions): Promise<boolean>
  /** The REST path of such a commit: `/v1/…`, percent-encoded, relative to the catalog's base. */
  commitPath(identifier: TableIdentifier, options?: RequestOptions): Promise<string>
  /** Views directly in the namespace, in name order; empty when the catalog does not support views. */
  listViews(namespace: Namespace, options?: ListOptions): Promise<ViewIdentifier[]>
  loadView(identifier: ViewIdentifier, options?: RequestOptions): Promise<LoadedView>

  readonly write: Write
  /** Whether it can write `restore-metadata`; only catalogs in our database can. */
  readonly restoresMetadata: boolean
  /** Catalogs behind a network only: whether a write that they never acknowledged was made. */
  readonly findOutcome?: FindOutcome
}
