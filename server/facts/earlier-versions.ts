import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Database } from '@/server/db/database'
import { readVersionsBeforeExpiry } from '@/server/db/facts/versions-before-expiry'
import type { VersionReading, VersionSource } from './version-source'

/** So many of the versions that the metadata names are read: other programs expire without our audit. */
const MAX_LOGGED = 10

/**
 * Earlier versions of a table that may have snapshots which have expired since, oldest first: those before each expiry
 * that the audit has, and some of those that the metadata names. They are read once, when the history of the table
 * begins. Files that are gone are left out.
 */
export async function readEarlierVersions(
  { database, source }: { database: Database; source: VersionSource },
  { table, metadata }: VersionReading,
): Promise<VersionReading[]> {
  if (!hasLostSnapshots(metadata)) return []
  const every = Math.max(1, Math.ceil(metadata.metadataLog.length / MAX_LOGGED))
  const logged = metadata.metadataLog.filter((_, index) => index % every === 0).map(({ metadataFile }) => metadataFile)
  const locations = [...new Set([...logged, ...(await readVersionsBeforeExpiry(database, metadata.tableUuid))])]
  const versions: VersionReading[] = []
  for (const metadataLocation of locations) {
    const earlier = await source.readEarlier(metadataLocation)
    if (earlier?.tableUuid === metadata.tableUuid && earlier.lastUpdatedMs <= metadata.lastUpdatedMs) {
      versions.push({ table, metadata: earlier, metadataLocation })
    }
  }
  return versions.sort((a, b) => a.metadata.lastUpdatedMs - b.metadata.lastUpdatedMs)
}

/** Every snapshot has a sequence number of its own, except in tables of version 1. */
function hasLostSnapshots({ formatVersion, lastSequenceNumber, snapshots }: TableMetadata): boolean {
  const ids = new Set(snapshots.map(({ snapshotId }) => snapshotId))
  return (
    (formatVersion > 1 && lastSequenceNumber > snapshots.length) ||
    snapshots.some(({ parentSnapshotId }) => parentSnapshotId !== null && !ids.has(parentSnapshotId))
  )
}
