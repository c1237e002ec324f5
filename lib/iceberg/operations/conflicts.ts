import { AppError } from '@/lib/errors'
import type { DataFile, ManifestEntry, ManifestFile } from '../manifest/manifest'
import { partitionKey } from '../manifest/partition-key'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import { propertyValue } from '../properties/property-value'
import { fileKey, isDeletionVector, type OperationBase, type RowFilter } from './operation'

/**
 * Compares the commits of other writers between the snapshot that an operation was planned on and its base with the
 * operation, to find whether it is still valid. Rules and names of operations are those of the reference
 * implementation.
 *
 * Each check throws {AppError} commit-conflict: with the location of the file in conflict, or because the history since
 * the starting snapshot has expired, so that these commits are not known.
 */

/** The concurrent changes that make an operation fail. Spec: Iceberg documentation, `write.*.isolation-level`. */
export type IsolationLevel = 'serializable' | 'snapshot'

/** Where the validation starts: the snapshot that the operation was planned on; null for an empty branch. */
export type StartingSnapshot = string | null

const OPERATIONS = ['append', 'overwrite', 'delete', 'replace'] as const
type Operation = (typeof OPERATIONS)[number]

/** No data file with rows that might match has been added. */
export async function requireNoAddedData(
  base: OperationBase,
  start: StartingSnapshot,
  filter: RowFilter | null,
): Promise<void> {
  for await (const { status, dataFile } of changedEntries(base, start, 'data', ['append', 'overwrite'])) {
    if (status === 'added' && mightMatch(filter, dataFile))
      throw conflictError(dataFile, `may have rows that match ${textOf(filter)}, and was added by another commit`)
  }
}

/** No data file with rows that might match has been removed. */
export async function requireNoRemovedData(
  base: OperationBase,
  start: StartingSnapshot,
  filter: RowFilter | null,
): Promise<void> {
  for await (const { status, dataFile } of changedEntries(base, start, 'data', ['overwrite', 'replace', 'delete'])) {
    if (status === 'deleted' && mightMatch(filter, dataFile))
      throw conflictError(dataFile, `may have rows that match ${textOf(filter)}, and was removed by another commit`)
  }
}

/** These data files are still in the table. @param ignoresDeletes whether a commit that only deleted rows may remove them */
export async function requireDataFiles(
  base: OperationBase,
  start: StartingSnapshot,
  { filePaths, ignoresDeletes }: { filePaths: ReadonlySet<string>; ignoresDeletes: boolean },
): Promise<void> {
  if (filePaths.size === 0) return
  const operations: Operation[] = ignoresDeletes ? ['overwrite', 'replace'] : ['overwrite', 'replace', 'delete']
  for await (const { status, dataFile } of changedEntries(base, start, 'data', operations)) {
    if (status === 'deleted' && filePaths.has(dataFile.filePath))
      throw conflictError(dataFile, 'was removed by another commit')
  }
}

/** No delete file with rows that might match has been added. */
export async function requireNoAddedDeletes(
  base: OperationBase,
  start: StartingSnapshot,
  filter: RowFilter | null,
): Promise<void> {
  const [entry] = await addedDeletes(base, start, filter)
  if (entry)
    throw conflictError(entry.dataFile, `may delete rows that match ${textOf(filter)}, and was added by another commit`)
}

/**
 * No delete file that applies to these data files has been added.
 *
 * @param options.ignoresEqualityDeletes for files that replace others under their old sequence number: deletes by
 *   equality still apply to them
 */
export async function requireNoDeletesOf(
  base: OperationBase,
  start: StartingSnapshot,
  dataFiles: readonly DataFile[],
  {
    filter = null,
    ignoresEqualityDeletes = false,
  }: { filter?: RowFilter | null; ignoresEqualityDeletes?: boolean } = {},
): Promise<void> {
  const deletes = await addedDeletes(base, start, filter)
  if (dataFiles.length === 0 || deletes.length === 0) return
  const finder = base.reader.indexDeletes(base.metadata, onePerDataFile(deletes))
  const sequenceNumber = startingSequenceNumber(base.metadata, start)
  for (const dataFile of dataFiles) {
    const found = finder.find({
      status: 'existing',
      snapshotId: '',
      sequenceNumber,
      fileSequenceNumber: null,
      dataFile,
    })
    const byPosition = found.deletionVector ?? found.positionDeletes[0]
    const conflict = byPosition ?? (ignoresEqualityDeletes ? undefined : found.equalityDeletes[0])
    if (conflict)
      throw conflictError(conflict.dataFile, `deletes rows of ${dataFile.filePath}, and was added by another commit`)
  }
}

/** No deletion vector has been added for these data files: a data file has at most one. */
export async function requireNoAddedVectors(
  base: OperationBase,
  start: StartingSnapshot,
  filePaths: ReadonlySet<string>,
): Promise<void> {
  if (filePaths.size === 0) return
  for await (const { status, dataFile } of changedEntries(base, start, 'deletes', ['overwrite', 'delete', 'replace'])) {
    const { referencedDataFile } = dataFile
    if (status === 'deleted' || !isDeletionVector(dataFile) || referencedDataFile === null) continue
    if (filePaths.has(referencedDataFile))
      throw conflictError(dataFile, `deletes rows of ${referencedDataFile}, and was added by another commit`)
  }
}

/** No other writer has committed to the branch. */
export function requireNoCommits(base: OperationBase, start: StartingSnapshot): void {
  const [newest] = snapshotsSince(base, start)
  if (!newest) return
  const { snapshotId } = newest
  throw new AppError('commit-conflict', `Another writer has committed snapshot ${snapshotId} to the branch.`, {
    facts: { snapshotId },
  })
}

/** No data file has been added to these partitions. @param keys as of `partitionKey` */
export async function requireNoAddedInPartitions(
  base: OperationBase,
  start: StartingSnapshot,
  keys: ReadonlySet<string>,
): Promise<void> {
  for await (const { status, dataFile } of changedEntries(base, start, 'data', OPERATIONS)) {
    if (status === 'added' && keys.has(partitionKey(dataFile)))
      throw conflictError(dataFile, 'is in a partition that is to be replaced, and was added by another commit')
  }
}

/**
 * Snapshots after the starting one up to the base, newest first.
 *
 * @throws {AppError} commit-conflict when the base does not descend from the starting snapshot, or snapshots between
 *   them have expired
 */
export function snapshotsSince({ metadata, parent }: OperationBase, start: StartingSnapshot): Snapshot[] {
  const byId = new Map(metadata.snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  const found = new Set<Snapshot>()
  let next: Snapshot | undefined = parent ?? undefined
  while (next && next.snapshotId !== start && !found.has(next)) {
    found.add(next)
    next = next.parentSnapshotId === null ? undefined : byId.get(next.parentSnapshotId)
  }
  const snapshots = [...found]
  const oldest = snapshots.at(-1)
  if (!oldest || oldest.parentSnapshotId === start) return snapshots
  throw new AppError(
    'commit-conflict',
    `It is not known what other writers committed since snapshot ${start ?? '(none)'}: it is not an ancestor of the branch, or snapshots since then have expired.`,
    { facts: { startingSnapshotId: start, oldestSnapshotId: oldest.snapshotId } },
  )
}

/** Entries that these kinds of snapshots added or removed. A snapshot that does not name its operation may be of any. */
async function* changedEntries(
  base: OperationBase,
  start: StartingSnapshot,
  content: ManifestFile['content'],
  operations: readonly Operation[],
): AsyncGenerator<ManifestEntry> {
  for (const snapshot of snapshotsSince(base, start)) {
    const name = propertyValue(snapshot.summary, 'operation')
    if (name !== null && !operations.some((operation) => operation === name)) continue
    for (const manifest of await base.reader.readManifests(base.metadata, snapshot)) {
      if (manifest.content !== content || manifest.addedSnapshotId !== snapshot.snapshotId) continue
      for (const entry of await base.reader.readEntries(base.metadata, manifest))
        if (entry.status !== 'existing' && entry.snapshotId === snapshot.snapshotId) yield entry
    }
  }
}

async function addedDeletes(
  base: OperationBase,
  start: StartingSnapshot,
  filter: RowFilter | null,
): Promise<ManifestEntry[]> {
  const found: ManifestEntry[] = []
  for await (const entry of changedEntries(base, start, 'deletes', ['overwrite', 'delete']))
    if (entry.status === 'added' && mightMatch(filter, entry.dataFile)) found.push(entry)
  return found
}

/** A later commit may have replaced a deletion vector, and an index refuses two for one data file. */
function onePerDataFile(deletes: readonly ManifestEntry[]): ManifestEntry[] {
  const keyOf = ({ dataFile }: ManifestEntry) =>
    isDeletionVector(dataFile) ? `vector ${dataFile.referencedDataFile}` : fileKey(dataFile)
  return [...new Map(deletes.map((entry) => [keyOf(entry), entry])).values()]
}

function startingSequenceNumber({ snapshots }: TableMetadata, start: StartingSnapshot): number {
  return snapshots.find(({ snapshotId }) => snapshotId === start)?.sequenceNumber ?? 0
}

function mightMatch(filter: RowFilter | null, file: DataFile): boolean {
  return filter === null || filter.mightMatchFile(file)
}

function textOf(filter: RowFilter | null): string {
  return filter?.text ?? 'the table'
}

function conflictError({ filePath }: DataFile, reason: string): AppError {
  return new AppError('commit-conflict', `${filePath} ${reason}.`, { facts: { filePath } })
}
