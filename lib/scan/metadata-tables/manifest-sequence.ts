import { pMapIterable } from 'p-map'
import { AppError } from '@/lib/errors'
import type { ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import {
  type ManifestSource,
  openManifestEntries,
  readManifestEntries,
  readSnapshotManifests,
} from '../snapshot-manifests'

/** The metadata and the source with which the manifests of a table are read. */
type ManifestAccess = { metadata: TableMetadata; source: ManifestSource }

/** A manifest with the snapshot in whose list it was found. */
export type FoundManifest = { manifest: ManifestFile; snapshot: Snapshot }

/** An entry with the manifest that has it. */
export type FoundEntry = { entry: ManifestEntry; manifest: ManifestFile }

/** How many manifests, or manifest lists, are read ahead. */
const READ_AHEAD = 4
/** The paths of manifests that several snapshots list are remembered. */
const MAX_DISTINCT_MANIFESTS = 500_000

/** The manifests of snapshots, list by list. Throws as `readSnapshotManifests`. */
export async function* listManifests(
  { metadata, source }: ManifestAccess,
  snapshots: readonly Snapshot[],
): AsyncGenerator<FoundManifest, void> {
  const lists = pMapIterable(
    snapshots,
    async (snapshot) => {
      source.signal?.throwIfAborted()
      return { snapshot, manifests: await readSnapshotManifests({ metadata, snapshot }, source) }
    },
    { concurrency: READ_AHEAD, backpressure: READ_AHEAD },
  )
  for await (const { snapshot, manifests } of lists) for (const manifest of manifests) yield { manifest, snapshot }
}

/**
 * Each manifest once, as the first snapshot lists it.
 *
 * @throws {AppError} too-large for more than 500,000 manifests; as {@link listManifests}
 */
export async function* listDistinctManifests(
  access: ManifestAccess,
  snapshots: readonly Snapshot[],
): AsyncGenerator<ManifestFile, void> {
  const paths = new Set<string>()
  for await (const { manifest } of listManifests(access, snapshots)) {
    if (paths.has(manifest.manifestPath)) continue
    if (paths.size >= MAX_DISTINCT_MANIFESTS)
      throw new AppError('too-large', `The snapshots of the table have more than ${MAX_DISTINCT_MANIFESTS} manifests.`)
    paths.add(manifest.manifestPath)
    yield manifest
  }
}

/**
 * All entries of manifests, manifest by manifest. Manifests that the cache cannot hold all at once would evict each
 * other before any is read again: manifests that are not cached yet are read past it. Throws as `readManifestEntries`.
 */
export async function* listEntries(
  { metadata, source }: ManifestAccess,
  manifests: AsyncIterable<ManifestFile> | readonly ManifestFile[],
): AsyncGenerator<FoundEntry, void> {
  let entryCount = Array.isArray(manifests) ? countAllEntries(manifests) : 0
  const read = pMapIterable(
    manifests,
    async (manifest) => {
      source.signal?.throwIfAborted()
      if (!Array.isArray(manifests)) entryCount += countEntries(manifest)
      const isCacheable = source.cache?.fits(entryCount) ?? false
      const batches = isCacheable
        ? [await readManifestEntries(metadata, manifest, source)]
        : await openManifestEntries(metadata, manifest, source)
      return { manifest, batches }
    },
    { concurrency: READ_AHEAD, backpressure: READ_AHEAD },
  )
  const takeTurns = source.takeTurns ?? (() => null)
  for await (const { manifest, batches } of read) {
    for (const batch of batches) {
      const turn = takeTurns()
      if (turn !== null) await turn
      for (const entry of batch) {
        yield { entry, manifest }
        // Also for a reader that only sums entries up, and the batch may be a whole manifest from the cache.
        const nextTurn = takeTurns()
        if (nextTurn !== null) await nextTurn
      }
    }
  }
}

function countAllEntries(manifests: readonly ManifestFile[]): number {
  return manifests.reduce((sum, manifest) => sum + countEntries(manifest), 0)
}

/** By the manifest list; a list of format v1 may lack the counts. */
function countEntries({ addedFilesCount, existingFilesCount, deletedFilesCount }: ManifestFile): number {
  return (addedFilesCount ?? 0) + (existingFilesCount ?? 0) + (deletedFilesCount ?? 0)
}
