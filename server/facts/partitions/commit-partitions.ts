import 'server-only'
import type { PartitionChange } from '@/lib/facts/partition-terms'
import { NO_AMOUNTS, PARTITION_MEASURES } from '@/lib/facts/partition-terms'
import type { DataFile, ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { countedBytes } from '@/lib/iceberg/operations/operation'
import { type ManifestSource, readManifestEntries, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import { describePartitions } from '@/server/table/files/live-files'
import { toPartitionName } from './partition-name'

/** Commits that wrote more are not read by partition. */
const MAX_MANIFESTS = 200
const MAX_MANIFEST_BYTES = 64 * 1024 * 1024

/**
 * The files that a commit added and removed, by partition, counted as in summaries.
 *
 * @returns null if the table no longer has its snapshot, or it wrote too many manifests
 * @throws {AppError} as `readSnapshotManifests`
 */
export async function readCommitPartitions(
  metadata: TableMetadata,
  snapshotId: string,
  source: ManifestSource,
): Promise<Map<string, PartitionChange> | null> {
  const snapshot = metadata.snapshots.find((one) => one.snapshotId === snapshotId)
  if (snapshot === undefined) return null
  const manifests = await readSnapshotManifests({ metadata, snapshot }, source)
  const own = manifests.filter((manifest) => mightHaveChangesOf(snapshotId, manifest))
  const bytes = own.reduce((sum, { manifestLengthBytes }) => sum + manifestLengthBytes, 0)
  if (own.length > MAX_MANIFESTS || bytes > MAX_MANIFEST_BYTES) return null
  const describe = describePartitions(metadata)
  const changes = new Map<string, PartitionChange>()
  for (const manifest of own) {
    source.signal?.throwIfAborted()
    for (const entry of await readManifestEntries(metadata, manifest, source)) {
      if (entry.snapshotId !== snapshotId || entry.status === 'existing') continue
      const name = toPartitionName(describe(entry).partitionLabel)
      changes.set(name, addEntry(changes.get(name), entry))
    }
  }
  return [...changes.values()].every(isCountable) ? changes : null
}

/** A commit writes the entries of its changes into manifests of its own. */
function mightHaveChangesOf(
  snapshotId: string,
  { addedSnapshotId, addedFilesCount, deletedFilesCount }: ManifestFile,
): boolean {
  // A v1 writer may have left out who added it.
  const isOwn = addedSnapshotId === snapshotId || addedSnapshotId === ''
  return isOwn && (addedFilesCount !== 0 || deletedFilesCount !== 0)
}

function addEntry(known: PartitionChange | undefined, { status, dataFile }: ManifestEntry): PartitionChange {
  const { added, removed } = known ?? { added: NO_AMOUNTS, removed: NO_AMOUNTS }
  return status === 'added'
    ? { added: addFile(added, dataFile), removed }
    : { added, removed: addFile(removed, dataFile) }
}

function addFile({ rows, files, bytes }: PartitionChange['added'], file: DataFile): PartitionChange['added'] {
  const isData = file.content === 'data'
  return {
    rows: rows + (isData ? file.recordCount : 0),
    files: files + (isData ? 1 : 0),
    bytes: bytes + countedBytes(file),
  }
}

function isCountable({ added, removed }: PartitionChange): boolean {
  return PARTITION_MEASURES.every(
    (measure) => Number.isSafeInteger(added[measure]) && Number.isSafeInteger(removed[measure]),
  )
}
