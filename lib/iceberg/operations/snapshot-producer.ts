import { AppError } from '@/lib/errors'
import type { TableChange } from '../commit/table-update'
import { assignRowIds } from '../manifest/assign-row-ids'
import { countEntries, mightHoldLiveFiles } from '../manifest/count-entries'
import type { DataFile, ManifestFile } from '../manifest/manifest'
import { writeManifestList } from '../manifest/manifest-list'
import { MAIN_BRANCH } from '../metadata/metadata-json'
import { findRef } from '../metadata/snapshot-graph'
import type { Snapshot, SnapshotRef, TableMetadata } from '../metadata/table-metadata'
import { ChangeSummary } from './change-summary'
import { ManifestMerger, type MergedManifests } from './merge-manifests'
import { fileKey, isDeletionVector, type OperationBase, type SnapshotOperation, type SnapshotReader } from './operation'
import { type FilteredManifest, FileRemover, type Removal } from './remove-files'
import {
  type AddedManifest,
  isDeleteFile,
  type ManifestWriter,
  type NewManifest,
  requireUnchangedSpecs,
  writeAddedFiles,
} from './write-entries'

/** The writers and the clock that a producer needs. */
export type SnapshotWriter = ManifestWriter & {
  writeManifestList(bytes: Uint8Array): Promise<string>
  nowMs(): number
}

export type ProducedSnapshot = {
  snapshot: Snapshot
  /** In the order of the manifest list. */
  manifests: readonly ManifestFile[]
  /** Why manifests that should be merged were not, as sentences. */
  mergeProblems: readonly string[]
  change: TableChange
}

/**
 * Turns an operation into a snapshot on the tip of a branch, again for every newer base until the commit succeeds.
 * Manifests of added files are written once, and rewritten and merged manifests are used again, because none of them
 * depends on the sequence number or the row ids of the commit. The manifest list is written for each base.
 *
 * Spec: Iceberg table spec, *Snapshots*, *Manifest Lists*, *Sequence Numbers*, *Row Lineage*.
 */
export class SnapshotProducer {
  readonly #operation: SnapshotOperation
  readonly #branch: string
  readonly #reader: SnapshotReader
  readonly #writer: SnapshotWriter
  readonly #remover: FileRemover
  readonly #merger: ManifestMerger | null
  #added: { metadata: TableMetadata; data: AddedManifest[]; deletes: AddedManifest[] } | null = null

  /** @param options.mergesManifests whether the properties of the table for merging manifests apply */
  constructor(
    operation: SnapshotOperation,
    {
      branch = MAIN_BRANCH,
      reader,
      writer,
      mergesManifests = false,
    }: { branch?: string; reader: SnapshotReader; writer: SnapshotWriter; mergesManifests?: boolean },
  ) {
    this.#operation = operation
    this.#branch = branch
    this.#reader = reader
    this.#writer = writer
    this.#remover = new FileRemover(reader, writer)
    this.#merger = mergesManifests ? new ManifestMerger(reader, writer) : null
  }

  /** Writes the manifests of added files. The first base decides which table the snapshot belongs to. */
  async prepare(metadata: TableMetadata): Promise<void> {
    if (this.#added) return
    requireWritableDeletes(this.#operation, metadata)
    const { added, schemaId } = this.#operation
    const write = (isDelete: boolean) =>
      writeAddedFiles(
        added.filter(({ dataFile }) => isDeleteFile(dataFile) === isDelete),
        { metadata, schemaId, writer: this.#writer },
      )
    this.#added = { metadata, data: await write(false), deletes: await write(true) }
  }

  /**
   * Validates the operation on a base, and writes the manifest list of its snapshot.
   *
   * @throws {AppError} commit-conflict when another writer changed data that the operation depends on; invalid-request;
   *   not-supported, and the errors of the reader and the writer
   */
  async produce(metadata: TableMetadata): Promise<ProducedSnapshot> {
    await this.prepare(metadata)
    const added = this.#added ?? throwUnprepared()
    requireWritableDeletes(this.#operation, metadata)
    requireNumberedFiles(this.#operation, added.metadata, metadata)
    requireUnchangedSpecs(
      this.#operation.added.map(({ dataFile }) => dataFile.specId),
      added.metadata,
      metadata,
    )
    const parent = branchTip(metadata, this.#branch)
    const base: OperationBase = { metadata, parent, reader: this.#reader }
    await this.#operation.validate(base)
    const { data, deletes } = await this.#filterParent(base)
    const summary = new ChangeSummary(metadata)
    summary.add(
      'added',
      this.#operation.added.map(({ dataFile }) => dataFile),
    )
    for (const { removed } of [...data, ...deletes]) summary.add('removed', removed)
    requireNoNewRows(this.#operation, summary)
    const duplicateCount = [...data, ...deletes].reduce((count, filtered) => count + filtered.duplicateCount, 0)
    const lists = [
      await this.#listManifests(metadata, added.data, data),
      await this.#listManifests(metadata, added.deletes, deletes),
    ]
    const listed = lists.flatMap((list) => list.manifests)
    const { snapshot, manifests } = await this.#writeSnapshot(base, listed, {
      ...this.#operation.summary,
      operation: this.#operation.name,
      ...summary.toSummary(parent?.summary ?? null),
      ...(duplicateCount > 0 && { 'deleted-duplicate-files': String(duplicateCount) }),
    })
    return {
      snapshot,
      manifests,
      mergeProblems: lists.flatMap(({ problems }) => problems),
      change: moveBranch(metadata, this.#branch, snapshot, added.metadata.tableUuid),
    }
  }

  /** The manifests of one kind of content, newest first, merged if this producer merges. */
  async #listManifests(
    metadata: TableMetadata,
    added: readonly AddedManifest[],
    filtered: readonly FilteredManifest[],
  ): Promise<MergedManifests> {
    const manifests = [...added.map(({ manifest }) => manifest), ...toRetained(filtered)]
    return this.#merger ? this.#merger.merge(metadata, manifests, added) : { manifests, problems: [] }
  }

  async #filterParent(base: OperationBase): Promise<Record<'data' | 'deletes', FilteredManifest[]>> {
    const { metadata, parent, reader } = base
    const { removed, removedWhere, requiresRemoved, added } = this.#operation
    const manifests = parent ? await reader.readManifests(metadata, parent) : []
    const filterAll = async (content: ManifestFile['content'], removal: Removal) => {
      const filtered: FilteredManifest[] = []
      for (const manifest of manifests.filter((one) => one.content === content))
        filtered.push(await this.#remover.filter(metadata, manifest, removal))
      if (requiresRemoved) requireAllRemoved(removal.files, filtered)
      return filtered
    }
    const data = await filterAll('data', {
      files: removed.filter((file) => !isDeleteFile(file)),
      where: removedWhere,
      removedDataFiles: new Set(),
      minSequenceNumber: 0,
    })
    const ownNumbers = added.flatMap(({ dataFile, sequenceNumber }) =>
      isDeleteFile(dataFile) || sequenceNumber === undefined ? [] : [sequenceNumber],
    )
    const listedNumbers = data.flatMap(({ manifest }) => manifest.minSequenceNumber ?? [])
    const deletes = await filterAll('deletes', {
      files: removed.filter(isDeleteFile),
      where: removedWhere,
      removedDataFiles: new Set(data.flatMap((one) => one.removed.map(({ filePath }) => filePath))),
      minSequenceNumber: [...listedNumbers, ...ownNumbers].reduce(
        (lowest, one) => Math.min(lowest, one),
        metadata.lastSequenceNumber,
      ),
    })
    return { data, deletes }
  }

  async #writeSnapshot(
    { metadata, parent, reader }: OperationBase,
    listed: readonly (ManifestFile | NewManifest)[],
    summary: Record<string, string>,
  ): Promise<Pick<ProducedSnapshot, 'snapshot' | 'manifests'>> {
    const { snapshotId, codecs } = this.#writer
    const { formatVersion, nextRowId: firstRowId } = metadata
    const sequenceNumber = formatVersion === 1 ? 0 : metadata.lastSequenceNumber + 1
    const numbered: ManifestFile[] = []
    for (const manifest of listed) {
      numbered.push(
        'sequenceNumber' in manifest
          ? await withCounts(metadata, manifest, reader)
          : { ...manifest, sequenceNumber, minSequenceNumber: manifest.minSequenceNumber ?? sequenceNumber },
      )
    }
    const rowIds = firstRowId === null ? null : { firstRowId, ...assignRowIds(numbered, firstRowId) }
    const manifests = rowIds?.manifests ?? numbered
    const parentSnapshotId = parent?.snapshotId ?? null
    const header = {
      formatVersion,
      snapshotId,
      parentSnapshotId,
      sequenceNumber,
      ...(rowIds && { firstRowId: rowIds.firstRowId }),
    }
    const manifestList = await this.#writer.writeManifestList(writeManifestList(manifests, header, codecs))
    const snapshot = {
      snapshotId,
      parentSnapshotId,
      sequenceNumber,
      timestampMs: Math.max(this.#writer.nowMs(), metadata.lastUpdatedMs),
      manifestList,
      summary,
      schemaId: metadata.currentSchemaId,
      ...(rowIds && { firstRowId: rowIds.firstRowId, addedRows: rowIds.addedRows }),
    }
    return { snapshot, manifests }
  }
}

/**
 * The snapshot that the next one of a branch follows: the tip of the branch, or of `main` for a branch that does not
 * exist yet, as in the reference implementation.
 *
 * @throws {AppError} invalid-request for a tag
 */
export function branchTip(metadata: TableMetadata, branch: string): Snapshot | null {
  const ref = findRef(metadata, branch) ?? findRef(metadata, MAIN_BRANCH)
  if (ref?.type === 'tag') throw new AppError('invalid-request', `${branch} is a tag, so nothing is committed to it.`)
  return metadata.snapshots.find(({ snapshotId }) => snapshotId === ref?.snapshotId) ?? null
}

/** Adds a snapshot as the new tip of a branch, whose retention stays. */
function moveBranch(metadata: TableMetadata, branch: string, snapshot: Snapshot, tableUuid: string): TableChange {
  const { snapshotId } = snapshot
  const ref = findRef(metadata, branch)
  return {
    requirements: [
      { type: 'assert-table-uuid', uuid: tableUuid },
      { type: 'assert-ref-snapshot-id', ref: branch, snapshotId: ref?.snapshotId ?? null },
    ],
    updates: [
      { action: 'add-snapshot', snapshot },
      { action: 'set-snapshot-ref', refName: branch, snapshotId, type: 'branch', ...retentionOf(ref) },
    ],
  }
}

/** The retention settings of a branch. */
export function retentionOf(ref: SnapshotRef | null): Omit<SnapshotRef, 'snapshotId' | 'type' | 'unknownFields'> {
  const { minSnapshotsToKeep, maxSnapshotAgeMs, maxRefAgeMs } = ref ?? {}
  return {
    ...(minSnapshotsToKeep !== undefined && { minSnapshotsToKeep }),
    ...(maxSnapshotAgeMs !== undefined && { maxSnapshotAgeMs }),
    ...(maxRefAgeMs !== undefined && { maxRefAgeMs }),
  }
}

/** Manifests without live files are listed only by the snapshot that removed the last of them. */
function toRetained(filtered: readonly FilteredManifest[]): (ManifestFile | NewManifest)[] {
  return filtered
    .map(({ manifest }) => manifest)
    .filter((manifest) => !('sequenceNumber' in manifest) || mightHoldLiveFiles(manifest))
}

/** Counts that a v1 writer left out. Later formats require them, and row ids are assigned by them. */
async function withCounts(
  metadata: TableMetadata,
  manifest: ManifestFile,
  reader: SnapshotReader,
): Promise<ManifestFile> {
  const { addedFilesCount, existingFilesCount, deletedFilesCount } = manifest
  const { addedRowsCount, existingRowsCount, deletedRowsCount } = manifest
  const counts = [addedFilesCount, existingFilesCount, deletedFilesCount]
  if (![...counts, addedRowsCount, existingRowsCount, deletedRowsCount].includes(null)) return manifest
  return { ...manifest, ...countEntries(await reader.readEntries(metadata, manifest)) }
}

function requireAllRemoved(files: readonly DataFile[], filtered: readonly FilteredManifest[]): void {
  if (files.length === 0) return
  const removed = new Set(filtered.flatMap((one) => one.removed.map(fileKey)))
  const missing = files.find((file) => !removed.has(fileKey(file)))
  if (!missing) return
  throw new AppError(
    'commit-conflict',
    `Another commit has removed ${missing.filePath} already, which this one was to remove.`,
    { facts: { filePath: missing.filePath } },
  )
}

/** A replacement may leave out deleted rows, but never adds any. */
function requireNoNewRows({ name }: SnapshotOperation, { records }: ChangeSummary): void {
  if (name !== 'replace' || records.added <= records.deleted) return
  throw new AppError(
    'invalid-request',
    `Files with ${records.added} rows cannot replace files with ${records.deleted} rows.`,
    { facts: { addedRows: String(records.added), removedRows: String(records.deleted) } },
  )
}

/**
 * Deletes by position are deletion vectors from format v3 on, and files of positions before.
 *
 * @throws {AppError} invalid-request; the table may have been upgraded while the operation ran
 */
function requireWritableDeletes({ added }: SnapshotOperation, { formatVersion }: TableMetadata): void {
  const referenced = new Set<string | null>()
  for (const { dataFile } of added) {
    const { content, filePath, referencedDataFile } = dataFile
    if (content === 'data') continue
    const isVector = isDeletionVector(dataFile)
    const isWritable =
      formatVersion === 2 ? !isVector : formatVersion > 2 && (isVector || content !== 'position-deletes')
    if (!isWritable)
      throw new AppError(
        'invalid-request',
        `${filePath} cannot be added to a table of format version ${formatVersion}.`,
        {
          facts: { filePath, formatVersion },
        },
      )
    if (isVector && referenced.has(referencedDataFile))
      throw new AppError('invalid-request', `Two deletion vectors would apply to ${referencedDataFile}.`, {
        facts: { filePath, referencedDataFile },
      })
    if (isVector) referenced.add(referencedDataFile)
  }
}

/**
 * Manifests of format v1 have no sequence numbers, so files that replace older ones would get a new one after an upgrade,
 * and outlive deletes of their rows.
 */
function requireNumberedFiles(
  { added }: SnapshotOperation,
  before: TableMetadata,
  { formatVersion }: TableMetadata,
): void {
  if (before.formatVersion > 1 || formatVersion === 1) return
  if (added.every(({ sequenceNumber }) => sequenceNumber === undefined)) return
  throw new AppError(
    'commit-conflict',
    'The table was upgraded from format version 1 while files of it were being replaced.',
    { facts: { formatVersion } },
  )
}

function throwUnprepared(): never {
  throw new TypeError('the manifests of added files are written first')
}
