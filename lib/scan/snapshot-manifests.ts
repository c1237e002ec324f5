import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'
import { decodeInTurns, type TakeTurns } from '@/lib/iceberg/avro/decode-steps'
import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import type { ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { describeManifestSteps, manifestBatches, manifestSteps } from '@/lib/iceberg/manifest/read-manifest'
import { manifestListSteps } from '@/lib/iceberg/manifest/manifest-list'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/**
 * Reads the manifests of a snapshot and their entries.
 *
 * Spec: Iceberg table spec, *Scan Planning*.
 */

/** Where manifests are read from. */
export type ManifestSource = {
  /** The bytes of a whole file. */
  readFile: (location: string) => Promise<Uint8Array>
  codecs: AvroCodecs
  /** Without it, decoding a manifest keeps everything else in the process waiting. */
  takeTurns?: TakeTurns
  /** Manifests never change, so decoded ones can be cached. */
  cache?: ManifestEntryCache
  signal?: AbortSignal
}

/** By a key of the manifest and what its entries inherit. */
export type ManifestEntryCache = {
  get(key: string): readonly ManifestEntry[] | undefined
  set(key: string, entries: readonly ManifestEntry[], decodedBytes: number): void
  /** Whether so many entries fit at once. Reading more in a row would evict each before it is needed again. */
  fits(entryCount: number): boolean
}

export type TableSnapshot = {
  metadata: TableMetadata
  /** Null for a table without a snapshot, which has no files. */
  snapshot: Snapshot | null
}

/** Number of files read in parallel: enough to hide an object store's latency, few enough to use little memory. */
export const MAX_PARALLEL_MANIFESTS = 8

/**
 * The manifests of a snapshot, in the order of its list. If a v1 snapshot lists its manifests itself, each is read for
 * the details that a manifest list would have.
 *
 * @throws {AppError} file-missing, file-damaged, too-large or not-supported, naming the file
 */
export async function readSnapshotManifests(
  { metadata, snapshot }: TableSnapshot,
  source: ManifestSource,
): Promise<ManifestFile[]> {
  if (snapshot === null) return []
  const { snapshotId, manifestList, manifests = [] } = snapshot
  if (manifestList !== null) {
    const bytes = await readDescribedFile(source, `manifest list of snapshot ${snapshotId}`, manifestList)
    return decodeInTurns(manifestListSteps(bytes, source.codecs, { location: manifestList }), takeTurnsOf(source))
  }
  return mapUnlessAborted(manifests, source.signal, async (location) => {
    const bytes = await readDescribedFile(source, `manifest of snapshot ${snapshotId}`, location)
    const steps = describeManifestSteps(bytes, { location, snapshotId }, toSpecsAndSchemas(metadata), source.codecs)
    return decodeInTurns(steps, takeTurnsOf(source))
  })
}

/**
 * Manifests in scan order, in which the rows of a snapshot are counted: by the least sequence number of their files, then
 * by their own, then by their position in the manifest list. The files of a manifest follow in its own order. So rows
 * that are appended come last, rows whose manifest is merged with others or written again stay where they are, and the
 * position of every row follows from the manifest list and one manifest.
 */
export function toScanOrder(manifests: readonly ManifestFile[]): ManifestFile[] {
  return manifests.toSorted((a, b) => a.minSequenceNumber - b.minSequenceNumber || a.sequenceNumber - b.sequenceNumber)
}

/**
 * Entries of the live files of a snapshot, data and deletes, without entries that a manifest marks as deleted. In scan
 * order, see {@link toScanOrder}.
 *
 * @throws {AppError} file-missing, file-damaged, too-large or not-supported, naming the file
 */
export async function readLiveEntries(table: TableSnapshot, source: ManifestSource): Promise<ManifestEntry[]> {
  const manifests = await readSnapshotManifests(table, source)
  const entriesByManifest = await mapUnlessAborted(
    toScanOrder(manifests.filter(mightHoldLiveFiles)),
    source.signal,
    async (manifest) => {
      const entries = await readManifestEntries(table.metadata, manifest, source)
      return entries.filter(({ status }) => status !== 'deleted')
    },
  )
  return entriesByManifest.flat()
}

/** Entries of one manifest in its order, including those marked as deleted. Throws as {@link readLiveEntries}. */
export async function readManifestEntries(
  metadata: TableMetadata,
  manifest: ManifestFile,
  source: ManifestSource,
): Promise<readonly ManifestEntry[]> {
  const key = manifestCacheKey(manifest)
  const cached = source.cache?.get(key)
  if (cached) return cached
  const bytes = await readDescribedFile(source, 'manifest', manifest.manifestPath)
  const steps = manifestSteps(bytes, manifest, toSpecsAndSchemas(metadata), source.codecs)
  const { entries, decodedBytes } = await decodeInTurns(steps, takeTurnsOf(source))
  source.cache?.set(key, entries, decodedBytes)
  return entries
}

/**
 * The entries of {@link readManifestEntries} a few at a time. Unless they are cached, they are decoded once, while the
 * result is iterated, and not stored: a reader of very many manifests holds the bytes of a few. Damage may be found
 * after the first entries.
 */
export async function openManifestEntries(
  metadata: TableMetadata,
  manifest: ManifestFile,
  source: ManifestSource,
): Promise<Iterable<readonly ManifestEntry[]>> {
  const cached = source.cache?.get(manifestCacheKey(manifest))
  if (cached) return [cached]
  const bytes = await readDescribedFile(source, 'manifest', manifest.manifestPath)
  return manifestBatches(bytes, manifest, toSpecsAndSchemas(metadata), source.codecs)
}

/**
 * Entries inherit from the manifest list that names their manifest, and lists differ: one from before format v3 assigns
 * no row ids, a later one does.
 */
function manifestCacheKey({
  manifestPath,
  partitionSpecId,
  sequenceNumber,
  addedSnapshotId,
  firstRowId,
}: ManifestFile): string {
  return [partitionSpecId, sequenceNumber, addedSnapshotId, firstRowId, manifestPath].join('\n')
}

function takeTurnsOf({ takeTurns = () => null }: ManifestSource): TakeTurns {
  return takeTurns
}

function toSpecsAndSchemas({ partitionSpecs, schemas }: TableMetadata) {
  return { specs: partitionSpecs, schemas }
}

async function readDescribedFile(
  { readFile }: ManifestSource,
  description: string,
  location: string,
): Promise<Uint8Array> {
  try {
    return await readFile(location)
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'file-missing') throw cause
    throw new AppError('file-missing', `The ${description} is missing: ${location}`, { cause, facts: { location } })
  }
}

/** Results are in the order of the items. After the first failure or an abort, no further work starts. */
export async function mapUnlessAborted<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal | undefined,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  await pMap(
    [...items.entries()],
    async ([index, item]) => {
      signal?.throwIfAborted()
      results[index] = await work(item)
    },
    { concurrency: MAX_PARALLEL_MANIFESTS },
  )
  return results
}
