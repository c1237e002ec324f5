import { AppError } from '@/lib/errors'
import { mightHoldLiveFiles } from '../manifest/count-entries'
import type { DataFile, ManifestEntry, ManifestFile } from '../manifest/manifest'
import { mightHoldPartition } from '../manifest/might-hold-partition'
import { partitionKey } from '../manifest/partition-key'
import { schemaForSpec } from '../manifest/partition-tuple'
import type { EntryToWrite } from '../manifest/write-manifest'
import type { TableMetadata } from '../metadata/table-metadata'
import { partitionColumns } from '../partitioning/partition-spec'
import { fileKey, isDeletionVector, type RowFilter, type SnapshotReader } from './operation'
import { findLayout, isDeleteFile, type ManifestWriter, type NewManifest, writeEntries } from './write-entries'

/** The entries to remove from the manifests of one kind of content. */
export type Removal = {
  files: readonly DataFile[]
  where: RowFilter | null
  /** Deletion vectors of these data files no longer apply. */
  removedDataFiles: ReadonlySet<string>
  /** Delete files with a lower sequence number no longer apply to any data file; 0 for none. */
  minSequenceNumber: number
}

/** A manifest of the parent after the removal: the same, or a rewritten one. */
export type FilteredManifest = {
  manifest: ManifestFile | NewManifest
  removed: readonly DataFile[]
  /** How often the manifest lists a removed file again. */
  duplicateCount: number
}

/**
 * Removes files from manifests. A manifest is rewritten only if a file leaves it: the file's entry becomes a deleted
 * one of this commit, and the others keep their snapshot, sequence numbers and row ids. Manifests that were rewritten
 * for an attempt that failed are used again, so one instance serves all attempts of a commit.
 */
export class FileRemover {
  readonly #reader: SnapshotReader
  readonly #writer: ManifestWriter
  readonly #rewritten = new Map<string, NewManifest>()

  constructor(reader: SnapshotReader, writer: ManifestWriter) {
    this.#reader = reader
    this.#writer = writer
  }

  /** @throws {AppError} invalid-request when only some of the rows of a data file match the filter */
  async filter(metadata: TableMetadata, manifest: ManifestFile, removal: Removal): Promise<FilteredManifest> {
    const unchanged = { manifest, removed: [], duplicateCount: 0 }
    if (!mightHoldRemovedFiles(metadata, manifest, removal)) return unchanged
    const entries = (await this.#reader.readEntries(metadata, manifest)).filter(({ status }) => status !== 'deleted')
    const isRemoved = createRemovalTest(removal)
    const statuses = entries.map((entry) => isRemoved(entry))
    if (!statuses.includes(true)) return unchanged
    const removed = new Map<string, DataFile>()
    let removedCount = 0
    for (const [index, { dataFile }] of entries.entries()) {
      if (!statuses[index]) continue
      removedCount += 1
      removed.set(fileKey(dataFile), dataFile)
    }
    const rewritten = await this.#rewrite(metadata, manifest, { entries, statuses })
    return { manifest: rewritten, removed: [...removed.values()], duplicateCount: removedCount - removed.size }
  }

  async #rewrite(
    metadata: TableMetadata,
    manifest: ManifestFile,
    { entries, statuses }: { entries: readonly ManifestEntry[]; statuses: readonly boolean[] },
  ): Promise<NewManifest> {
    const { formatVersion } = metadata
    const { manifestPath, firstRowId, partitionSpecId } = manifest
    const key = [formatVersion, firstRowId, statuses.map(Number).join(''), manifestPath].join('\n')
    const known = this.#rewritten.get(key)
    if (known) return known
    const toWrite = entries.map(
      (entry, index): EntryToWrite => ({ ...entry, status: statuses[index] ? 'deleted' : 'existing' }),
    )
    const rewritten = await writeEntries(toWrite, {
      ...findLayout(metadata, partitionSpecId),
      metadata,
      writer: this.#writer,
    })
    this.#rewritten.set(key, rewritten)
    return rewritten
  }
}

function mightHoldRemovedFiles(metadata: TableMetadata, manifest: ManifestFile, removal: Removal): boolean {
  if (!mightHoldLiveFiles(manifest)) return false
  const { files, where, removedDataFiles } = removal
  if (manifest.content === 'deletes' && removedDataFiles.size > 0) return true
  return where?.mightMatchManifest(manifest) === true || mightHoldAny(metadata, manifest, files)
}

function mightHoldAny(metadata: TableMetadata, manifest: ManifestFile, files: readonly DataFile[]): boolean {
  const spec = metadata.partitionSpecs.find(({ specId }) => specId === manifest.partitionSpecId)
  const schema = spec && schemaForSpec(spec, metadata.schemas)
  if (!spec || !schema) return true
  const columns = partitionColumns(spec, schema)
  const partitions = new Map(
    files.filter(({ specId }) => specId === spec.specId).map((file) => [partitionKey(file), file.partition]),
  )
  return [...partitions.values()].some((partition) => mightHoldPartition(manifest, columns, partition))
}

function createRemovalTest({ files, where, removedDataFiles, minSequenceNumber }: Removal) {
  const keys = new Set(files.map(fileKey))
  return ({ dataFile, sequenceNumber }: ManifestEntry): boolean => {
    if (keys.has(fileKey(dataFile))) return true
    if (isDeleteFile(dataFile)) {
      if (sequenceNumber > 0 && sequenceNumber < minSequenceNumber) return true
      const { referencedDataFile } = dataFile
      if (isDeletionVector(dataFile) && referencedDataFile !== null && removedDataFiles.has(referencedDataFile))
        return true
      // Deletes by equality apply to rows whose other columns do not match.
      return where?.mustMatchPartition(dataFile) === true
    }
    if (where === null || !where.mightMatchFile(dataFile)) return false
    if (where.mustMatchFile(dataFile)) return true
    throw new AppError(
      'invalid-request',
      `${dataFile.filePath} cannot be removed: some of its rows match ${where.text}, but maybe not all.`,
      { facts: { filePath: dataFile.filePath, filter: where.text } },
    )
  }
}
