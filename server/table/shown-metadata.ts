import 'server-only'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { ResolvedAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { MetadataFiles } from '@/server/catalog/metadata-files'
import { readEarlierMetadata } from '@/server/catalog/read-earlier-metadata'

/** The most files to read among several commits in one millisecond. */
const MAX_READ_FILES = 3

export type ShownMetadata =
  | { metadata: TableMetadata; location: string; problem: null }
  | { metadata: null; problem: string }

/**
 * The table's metadata in the shown state, with the partition spec, the sort order and the refs of that time: the
 * metadata of the snapshot's commit or, for a time, the last one until then. Branches have the current metadata,
 * because they are read and written with the table's current schema and spec. Reads the metadata file of that time from
 * the metadata log.
 *
 * @returns a `problem` if the file is unknown, deleted or unreadable
 */
export async function readShownMetadata(
  metadataFiles: MetadataFiles,
  table: LoadedTable,
  { asOf, resolved: { snapshot, refType } }: { asOf: AsOf; resolved: ResolvedAsOf },
  signal: AbortSignal,
): Promise<ShownMetadata> {
  const { metadata, metadataLocation } = table
  const current: ShownMetadata = { metadata, location: metadataLocation, problem: null }
  if (snapshot === null || refType === 'branch') return current
  const versions = [
    ...metadata.metadataLog.map((entry) => ({ atMs: entry.timestampMs, location: entry.metadataFile })),
    { atMs: metadata.lastUpdatedMs, location: metadataLocation },
  ]
  const { snapshotId } = snapshot
  const first = versions.findIndex(({ atMs }) => atMs >= snapshot.timestampMs)
  const last = asOf.atMs === undefined ? -1 : versions.findLastIndex(({ atMs }) => atMs <= (asOf.atMs ?? 0))
  const start = Math.max(first, last)
  try {
    for (const { location } of versions.slice(start, start + MAX_READ_FILES)) {
      if (location === metadataLocation) return isOfThatTime(metadata) ? current : UNKNOWN
      const earlier = await readEarlierMetadata(metadataFiles, table, location, signal)
      if (earlier === null) return { metadata: null, problem: 'The metadata file of that time is gone.' }
      // A registered metadata file may name any file in its log.
      if (earlier.tableUuid !== metadata.tableUuid) return UNKNOWN
      const hasSnapshot = earlier.snapshots.some((candidate) => candidate.snapshotId === snapshotId)
      if (hasSnapshot) return isOfThatTime(earlier) ? { metadata: earlier, location, problem: null } : UNKNOWN
    }
    return UNKNOWN
  } catch (error) {
    if (!(error instanceof AppError) || signal.aborted) throw error
    return { metadata: null, problem: `The metadata file of that time cannot be read: ${error.message}` }
  }

  /** The oldest file that is still in the log may be much newer than the snapshot. */
  function isOfThatTime(found: TableMetadata): boolean {
    return start > 0 || start === last || found.snapshots.at(-1)?.snapshotId === snapshotId
  }
}

const UNKNOWN: ShownMetadata = {
  metadata: null,
  problem: 'The metadata file of that time is no longer in the table’s metadata log.',
}
