import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { SnapshotFacts } from '@/lib/facts/snapshot-facts'
import type { TableIdentifier } from '@/lib/names/identifiers'

/** A version of a table as it was read. */
export type VersionReading = { table: TableIdentifier; metadataLocation: string; metadata: TableMetadata }

/** A catalog, as far as the history of its tables needs it. */
export type VersionSource = {
  /** The metadata of an earlier version, by its file; null if it cannot be read any longer. */
  readEarlier: (metadataLocation: string) => Promise<TableMetadata | null>
  /** The counts of a snapshot by its manifests, for a summary that lacks them; null if they cannot be read. */
  readCounts: (
    metadataLocation: string,
    snapshotId: string,
  ) => Promise<Pick<SnapshotFacts, 'added' | 'removed' | 'total'> | null>
  /** Whether the catalog still has a table of this name. */
  hasTable: (table: TableIdentifier) => Promise<boolean>
}
