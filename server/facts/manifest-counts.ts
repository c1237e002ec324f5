import 'server-only'
import { type KnownAmounts, mapMeasures, type Measure, ZERO } from '@/lib/facts/amounts'
import type { SnapshotFacts } from '@/lib/facts/snapshot-facts'
import type { DataFile, ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { countedBytes } from '@/lib/iceberg/operations/operation'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type ManifestSource, readManifestEntries, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import type { ObjectStore } from '@/server/storage/object-store'
import { createTurns } from '@/server/timing/take-turns'

/** Larger snapshots are not counted: a commit of so many manifests has a summary in practice. */
const MAX_MANIFESTS = 1_000
const MAX_MANIFEST_BYTES = 64 * 1024 * 1024

type Counts = Pick<SnapshotFacts, 'added' | 'removed' | 'total'>

/**
 * Counts a commit by its manifests: files that it added or removed, and those that the table has after it.
 *
 * @returns null for a snapshot that the metadata does not have, or that is too large
 * @throws {AppError} as `readSnapshotManifests`
 */
export async function countByManifests(
  store: ObjectStore,
  metadata: TableMetadata,
  snapshotId: string,
  signal: AbortSignal,
): Promise<Counts | null> {
  const snapshot = metadata.snapshots.find((one) => one.snapshotId === snapshotId)
  if (!snapshot) return null
  const source: ManifestSource = {
    readFile: (location) => store.read(location, { signal }),
    codecs: avroCodecs,
    takeTurns: createTurns(),
    signal,
  }
  const manifests = await readSnapshotManifests({ metadata, snapshot }, source)
  if (manifests.length > MAX_MANIFESTS || manifests.some(isTooLarge)) return null
  const sums: Record<keyof Counts, Record<Measure, number>> = {
    added: { ...ZERO },
    removed: { ...ZERO },
    total: { ...ZERO },
  }
  for (const manifest of manifests) {
    for (const entry of await readManifestEntries(metadata, manifest, source)) {
      if (entry.status !== 'deleted') addFile(sums.total, entry.dataFile)
      const change = entry.snapshotId === snapshotId ? toChange(entry) : null
      if (change !== null) addFile(sums[change], entry.dataFile)
    }
  }
  return { added: toKnown(sums.added), removed: toKnown(sums.removed), total: toKnown(sums.total) }
}

function isTooLarge({ manifestLengthBytes }: ManifestFile): boolean {
  return manifestLengthBytes > MAX_MANIFEST_BYTES
}

function toChange({ status }: ManifestEntry): 'added' | 'removed' | null {
  if (status === 'existing') return null
  return status === 'added' ? 'added' : 'removed'
}

function addFile(sums: Record<Measure, number>, file: DataFile): void {
  const { content, recordCount } = file
  sums.bytes += countedBytes(file)
  if (content === 'data') {
    sums.files += 1
    sums.rows += recordCount
    return
  }
  sums.deleteFiles += 1
  sums[content === 'position-deletes' ? 'positionDeletes' : 'equalityDeletes'] += recordCount
}

function toKnown(sums: Record<Measure, number>): KnownAmounts {
  return mapMeasures((measure) => (Number.isSafeInteger(sums[measure]) ? sums[measure] : null))
}
