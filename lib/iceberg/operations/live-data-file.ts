import { mightHoldLiveFiles } from '../manifest/count-entries'
import type { ManifestFile } from '../manifest/manifest'
import type { TableMetadata } from '../metadata/table-metadata'
import type { SnapshotReader } from './operation'

/** Enough to hide the latency of a store, few enough to use little memory. */
const MAX_PARALLEL_READS = 8

/**
 * Finds one of these data files among the live ones of a snapshot. Reads manifests until it has found one: all of them
 * if there is none.
 *
 * @param manifests of the snapshot
 * @returns its location; null when all of them are gone
 */
export async function findLiveDataFile(
  { metadata, reader }: { metadata: TableMetadata; reader: SnapshotReader },
  manifests: readonly ManifestFile[],
  filePaths: ReadonlySet<string>,
): Promise<string | null> {
  if (filePaths.size === 0) return null
  const unread = liveDataManifests(manifests)
  for (let start = 0; start < unread.length; start += MAX_PARALLEL_READS) {
    const read = unread.slice(start, start + MAX_PARALLEL_READS)
    const found = await Promise.all(
      read.map(async (manifest) =>
        (await reader.readEntries(metadata, manifest)).find(
          ({ status, dataFile }) => status !== 'deleted' && filePaths.has(dataFile.filePath),
        ),
      ),
    )
    const entry = found.find((one) => one !== undefined)
    if (entry) return entry.dataFile.filePath
  }
  return null
}

/** How many live data files these manifests list; null when a v1 writer left the counts out. */
export function countLiveDataFiles(manifests: readonly ManifestFile[]): number | null {
  return liveDataManifests(manifests).reduce<number | null>(
    (sum, { addedFilesCount, existingFilesCount }) =>
      sum === null || addedFilesCount === null || existingFilesCount === null
        ? null
        : sum + addedFilesCount + existingFilesCount,
    0,
  )
}

function liveDataManifests(manifests: readonly ManifestFile[]): ManifestFile[] {
  return manifests.filter((manifest) => manifest.content === 'data' && mightHoldLiveFiles(manifest))
}
