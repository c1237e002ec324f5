import 'server-only'
import { AppError } from '@/lib/errors'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import { readManifestEntries, readSnapshotManifests, type ManifestSource } from '@/lib/scan/snapshot-manifests'
import { DATA_FILE, fileEntry, type FoundEntry } from '@/lib/search/found-entries'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { createTurns } from '@/server/timing/take-turns'

/** People look for a file of a recent commit that went wrong; the files of all commits would be the whole lake. */
const MAX_SNAPSHOTS = 3
const MAX_FILES_PER_SNAPSHOT = 100
/** A larger manifest is of a commit that rewrote everything. */
const MAX_MANIFEST_BYTES = 1024 * 1024
const MAX_MANIFESTS_PER_SNAPSHOT = 2

/**
 * Data files that the newest snapshots added. Unreadable snapshots are left out, because the table itself can be read.
 */
export async function recentDataFiles(
  { metadata, store }: Pick<LoadedTable, 'metadata' | 'store'>,
  signal: AbortSignal,
): Promise<FoundEntry[]> {
  const source: ManifestSource = {
    readFile: (location) => store.read(location, { signal }),
    codecs: avroCodecs,
    takeTurns: createTurns(),
    signal,
  }
  const found: FoundEntry[] = []
  for (const snapshot of metadata.snapshots.slice(-MAX_SNAPSHOTS)) {
    const locations = await readAddedFiles(metadata, snapshot, source).catch((error: unknown) => {
      if (signal.aborted || !(error instanceof AppError)) throw error
      return []
    })
    found.push(...locations.map((location) => fileEntry(location, DATA_FILE)))
  }
  return found
}

async function readAddedFiles(
  metadata: LoadedTable['metadata'],
  snapshot: Snapshot,
  source: ManifestSource,
): Promise<string[]> {
  const manifests = await readSnapshotManifests({ metadata, snapshot }, source)
  const own = manifests.filter(
    ({ addedSnapshotId, content, manifestLengthBytes }) =>
      addedSnapshotId === snapshot.snapshotId && content === 'data' && manifestLengthBytes <= MAX_MANIFEST_BYTES,
  )
  const locations: string[] = []
  for (const manifest of own.slice(0, MAX_MANIFESTS_PER_SNAPSHOT)) {
    const entries = await readManifestEntries(metadata, manifest, source)
    const added = entries.filter(({ status }) => status === 'added')
    locations.push(...added.map(({ dataFile }) => dataFile.filePath))
  }
  return locations.slice(0, MAX_FILES_PER_SNAPSHOT)
}
