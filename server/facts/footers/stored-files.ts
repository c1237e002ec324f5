import 'server-only'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import { type ManifestSource, readManifestEntries, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { countedBytes, fileKey } from '@/lib/iceberg/operations/operation'
import { digestKey } from '@/server/db/facts/storage/fact-files'

/** A live file, as its manifest has it. */
export type FileEntry = {
  key: string
  location: string
  /** A deletion vector counts with its own bytes, as in summaries: a file may have several. */
  fileBytes: number
  content: 'data' | 'deletes'
  isParquet: boolean
  /** The commit that added it. */
  snapshotId: string
}

/** Larger tables are not measured: their files would take more than about 200 MB of memory. */
const MAX_FILES = 500_000

/**
 * The live files of a snapshot.
 *
 * @throws {AppError} too-large for a snapshot of more than 500,000 files; and as `readSnapshotManifests`
 */
export async function readFileEntries(
  { metadata }: Pick<LoadedTable, 'metadata'>,
  snapshot: Snapshot | null,
  source: ManifestSource,
): Promise<FileEntry[]> {
  const manifests = (await readSnapshotManifests({ metadata, snapshot }, source)).filter(mightHoldLiveFiles)
  const files: FileEntry[] = []
  for (const manifest of manifests) {
    source.signal?.throwIfAborted()
    for (const entry of await readManifestEntries(metadata, manifest, source)) {
      if (entry.status !== 'deleted') files.push(toFileEntry(entry))
    }
    requireMeasurable(files.length)
  }
  return files
}

export function toFileEntry({ dataFile, snapshotId }: ManifestEntry): FileEntry {
  return {
    key: digestKey(fileKey(dataFile)),
    location: dataFile.filePath,
    fileBytes: countedBytes(dataFile),
    content: dataFile.content === 'data' ? 'data' : 'deletes',
    isParquet: dataFile.fileFormat === 'parquet',
    snapshotId,
  }
}

function requireMeasurable(count: number): void {
  if (count <= MAX_FILES) return
  throw new AppError(
    'too-large',
    `The table has more than ${formatCount(MAX_FILES)} files, whose sizes are not read.`,
    {
      facts: { maxFiles: MAX_FILES },
    },
  )
}
