import 'server-only'
import type { ViewMetadata } from '@/lib/iceberg/view/view-metadata'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { LoadedTable, UnlistedTable } from './loaded-table'
import type { RequestOptions } from './request-options'

/** Questions of a purge to the catalog before it removes the files of a dropped table. */
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
