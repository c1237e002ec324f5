import { pMapIterable } from 'p-map'
import { AppError } from '@/lib/errors'
import type { ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type ManifestSource, readManifestEntries, readSnapshotManifests } from '../snapshot-manifests'

/** What the manifests of a table are read with. */
export type ManifestAccess = { metadata: TableMetadata; source: ManifestSource }

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
 * All entries of manifests, manifest by manifest. When a list of manifests has more than the cache can hold, what is
 * not cached yet is read past it. Throws as `readManifestEntries`.
 */
export async function* listEntries(
  { metadata, source: given }: ManifestAccess,
  manifests: AsyncIterable<ManifestFile> | readonly ManifestFile[],
): AsyncGenerator<FoundEntry, void> {
  const source = Array.isArray(manifests) ? withFittingCache(given, manifests) : given
  const read = pMapIterable(
    manifests,
    async (manifest) => {
      source.signal?.throwIfAborted()
      return { manifest, entries: await readManifestEntries(metadata, manifest, source) }
    },
    { concurrency: READ_AHEAD, backpressure: READ_AHEAD },
  )
  for await (const { manifest, entries } of read) {
    for (const entry of entries) {
      yield { entry, manifest }
      // Also for a reader that only sums entries up.
      const turn = source.takeTurns?.() ?? null
      if (turn !== null) await turn
    }
  }
}

function withFittingCache(source: ManifestSource, manifests: readonly ManifestFile[]): ManifestSource {
  const { cache } = source
  const entryCount = manifests.reduce((sum, manifest) => sum + countEntries(manifest), 0)
  if (cache === undefined || cache.fits(entryCount)) return source
  return { ...source, cache: { ...cache, set: () => undefined } }
}

/** As the manifest list says; a list of format v1 may say nothing. */
function countEntries({ addedFilesCount, existingFilesCount, deletedFilesCount }: ManifestFile): number {
  return (addedFilesCount ?? 0) + (existingFilesCount ?? 0) + (deletedFilesCount ?? 0)
}
