import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { ViewMetadata } from '@/lib/iceberg/view/view-metadata'
import type { TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import type { ObjectStore } from '@/server/storage/object-store'

export type LoadedTable = {
  identifier: TableIdentifier
  /** The file that this metadata was read from. It identifies the version that later decisions are based on. */
  metadataLocation: string
  metadata: TableMetadata
  /** The store of the table's files, with the credentials of the caller that loaded the table. */
  store: ObjectStore
  /**
   * Set when the store refuses files of tables that the caller may not read. What is cached of the table's files has to
   * be cached separately for each scope, because a cache does not ask the store.
   */
  fileScope?: string
  /**
   * Throws {AppError} `read-restricted` when the catalog restricts what may be read of the table, and
   * `format-unsupported` when Lakeshore cannot read the files of its format version; the store refuses, too. What is
   * cached of the table's files has to call it, because a cache does not ask the store. Absent if neither can be.
   */
  requireReadable?: () => void
}

export type LoadedView = { identifier: ViewIdentifier; metadataLocation: string; metadata: ViewMetadata }

/** A table that is not created yet: it has no catalog entry and no metadata file. */
export type StagedTable = { identifier: TableIdentifier; metadata: TableMetadata }

/** A table that is in no catalog, read from its metadata file. */
export type UnlistedTable = Pick<LoadedTable, 'metadata' | 'store'>
