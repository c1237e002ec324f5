import pMap from 'p-map'
import { AppError, type ErrorCode } from '@/lib/errors'
import type { ManifestFile } from '../manifest/manifest'
import type { EntryToWrite } from '../manifest/write-manifest'
import type { TableMetadata } from '../metadata/table-metadata'
import { manifestMerge } from '../properties/manifest-merge'
import type { SnapshotReader } from './operation'
import { type AddedManifest, findLayout, type ManifestWriter, type NewManifest, writeEntries } from './write-entries'

/**
 * The bounds on one commit. Manifests above them stay as they are, and later commits merge them: otherwise the first
 * load into a table with very many manifests would read all of them.
 */
export const MAX_MERGED_ENTRIES = 50_000
export const MAX_MERGED_MANIFESTS = 1_000

const MAX_PARALLEL_READS = 8

/** Reasons of a file. The table can be appended to without merging it, as before. */
const UNMERGEABLE: readonly ErrorCode[] = [
  'file-missing',
  'file-damaged',
  'too-large',
  'not-supported',
  'invalid-request',
  'location-refused',
]

type ListedManifest = ManifestFile | NewManifest

export type MergedManifests = {
  manifests: ListedManifest[]
  /** Why manifests that should be merged were not, as sentences. */
  problems: string[]
}

/**
 * Merges small manifests of a snapshot's list, as the table's properties say. The rules are those of the reference
 * implementation: the manifests of each partition spec are divided, from the oldest on and in their order, into groups
 * of the target size; every group of several becomes one manifest, except the group with the newest manifest, which has
 * to have the minimum count. Files of earlier commits become existing entries, which keep their snapshot, sequence
 * numbers and row ids.
 *
 * Merged manifests are used again by later attempts of a commit, so one instance serves all of them.
 */
export class ManifestMerger {
  readonly #reader: SnapshotReader
  readonly #writer: ManifestWriter
  /** Null for manifests that cannot be merged. */
  readonly #merged = new Map<string, NewManifest | null>()

  constructor(reader: SnapshotReader, writer: ManifestWriter) {
    this.#reader = reader
    this.#writer = writer
  }

  /**
   * @param manifests of one kind of content, newest first
   * @param added with the entries of the manifests of added files, which inherit their numbers and cannot be read yet
   */
  async merge(
    metadata: TableMetadata,
    manifests: readonly ListedManifest[],
    added: readonly AddedManifest[],
  ): Promise<MergedManifests> {
    const { isEnabled, minCount, targetBytes } = manifestMerge(metadata.properties)
    const [newest] = manifests
    if (!isEnabled || newest === undefined) return { manifests: [...manifests], problems: [] }
    const merged: MergedManifests = { manifests: [], problems: [] }
    const left = { entries: MAX_MERGED_ENTRIES, manifests: MAX_MERGED_MANIFESTS }
    let unmergedCount = 0
    for (const group of groupBySpec(manifests).flatMap((ofSpec) => divideFromEnd(ofSpec, targetBytes))) {
      const isDue = group.length > 1 && (!group.includes(newest) || group.length >= minCount)
      const entryCount = group.reduce((sum, manifest) => sum + countListed(manifest), 0)
      const fits = entryCount <= left.entries && group.length <= left.manifests
      if (isDue && !fits) unmergedCount += group.length
      const one = isDue && fits ? await this.#mergeGroup(metadata, group, { added, problems: merged.problems }) : null
      if (one) {
        left.entries -= entryCount
        left.manifests -= group.length
      }
      merged.manifests.push(...(one ? [one] : group))
    }
    if (unmergedCount > 0)
      merged.problems.push(
        `${unmergedCount} manifests were left for later commits: one commit merges at most ${MAX_MERGED_MANIFESTS} manifests with ${MAX_MERGED_ENTRIES} entries.`,
      )
    return merged
  }

  /** @returns null when the manifests stay as they are */
  async #mergeGroup(
    metadata: TableMetadata,
    group: readonly ListedManifest[],
    { added, problems }: { added: readonly AddedManifest[]; problems: string[] },
  ): Promise<NewManifest | null> {
    const names = group.map(({ manifestPath, firstRowId }) => `${manifestPath}\n${firstRowId}`)
    const key = [metadata.formatVersion, ...names].join('\n')
    const known = this.#merged.get(key)
    if (known !== undefined) return known
    let result: NewManifest | null = null
    try {
      result = await this.#write(metadata, group, added)
    } catch (error) {
      if (!(error instanceof AppError && UNMERGEABLE.includes(error.code))) throw error
      problems.push(`${group.length} manifests cannot be merged. ${error.message}`)
    }
    this.#merged.set(key, result)
    return result
  }

  async #write(
    metadata: TableMetadata,
    group: readonly ListedManifest[],
    added: readonly AddedManifest[],
  ): Promise<NewManifest | null> {
    // In scan order, so that the rows of the table keep their order: the oldest files come first.
    const inOrder = group.toSorted((a, b) => numberOf(a) - numberOf(b))
    const read = await pMap(
      inOrder,
      async (manifest) =>
        added.find((one) => one.manifest === manifest)?.entries ?? (await this.#readEntries(metadata, manifest)),
      { concurrency: MAX_PARALLEL_READS },
    )
    const entries = read.flat()
    if (entries.length === 0) return null
    const specId = group[0]?.partitionSpecId ?? 0
    return writeEntries(entries, { ...findLayout(metadata, specId), metadata, writer: this.#writer })
  }

  async #readEntries(metadata: TableMetadata, manifest: ListedManifest): Promise<EntryToWrite[]> {
    const { snapshotId } = this.#writer
    // This commit has rewritten the other manifests. Each of their entries has numbers of its own and inherits none.
    const sequenceNumber = metadata.formatVersion === 1 ? 0 : metadata.lastSequenceNumber + 1
    const listed =
      'sequenceNumber' in manifest ? manifest : { ...manifest, sequenceNumber, minSequenceNumber: sequenceNumber }
    const entries = await this.#reader.readEntries(metadata, listed)
    return entries.flatMap((entry): EntryToWrite[] => {
      if (entry.status !== 'deleted') return [{ ...entry, status: 'existing' }]
      // Only the snapshot that removed a file lists it.
      return entry.snapshotId === snapshotId ? [{ ...entry, status: 'deleted' }] : []
    })
  }
}

/** The least sequence number of its files; manifests of added files get that of the commit. */
function numberOf({ minSequenceNumber }: ListedManifest): number {
  return minSequenceNumber ?? Number.MAX_SAFE_INTEGER
}

/** The newest spec first. */
function groupBySpec(manifests: readonly ListedManifest[]): ListedManifest[][] {
  return [...Map.groupBy(manifests, ({ partitionSpecId }) => partitionSpecId)]
    .toSorted(([a], [b]) => b - a)
    .map(([, ofSpec]) => ofSpec)
}

/**
 * Divides manifests into groups of the target size from the last one on, so that the first group is the one that later
 * commits fill. A manifest whose list gives no counts has a group of its own.
 */
function divideFromEnd(manifests: readonly ListedManifest[], targetBytes: number): ListedManifest[][] {
  const groups: ListedManifest[][] = []
  let size = { bytes: 0, entries: 0 }
  for (const manifest of manifests.toReversed()) {
    const group = groups[0]
    const next = {
      bytes: size.bytes + manifest.manifestLengthBytes,
      entries: size.entries + countListed(manifest),
    }
    const fits = next.bytes <= targetBytes && next.entries <= MAX_MERGED_ENTRIES
    if (group && fits && group.length < MAX_MERGED_MANIFESTS) {
      group.unshift(manifest)
      size = next
    } else {
      groups.unshift([manifest])
      size = { bytes: manifest.manifestLengthBytes, entries: countListed(manifest) }
    }
  }
  return groups
}

function countListed({ addedFilesCount, existingFilesCount, deletedFilesCount }: ListedManifest): number {
  if (addedFilesCount === null || existingFilesCount === null || deletedFilesCount === null)
    return Number.POSITIVE_INFINITY
  return addedFilesCount + existingFilesCount + deletedFilesCount
}
