import 'server-only'
import { AppError } from '@/lib/errors'
import type { ClonedLayout } from '@/lib/changes/clone/clone-updates'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { AddedFile } from '@/lib/iceberg/operations/operation'
import { readFooter } from '@/lib/parquet/footer'
import { openDataFile } from '@/server/data-files/open-data-file'
import type { ObjectStore } from '@/server/storage/object-store'
import type { ClonedFile } from './cloned-state'
import { copyFile, type StoredFile } from './copy-file'
import { type PathMap, renameDeletionVectors, renamePositionDeletes } from './rename-deletes'

type CopyTarget = {
  from: ObjectStore
  to: ObjectStore
  location: string
  paths: PathMap
  layout: ClonedLayout
  /** A free path on the disk of the worker. */
  staging: string
}

type CopyProgress = {
  /** Whether the journal records the copy. */
  isCopied: boolean
  /** Whether an earlier attempt may have begun with it. */
  mayExist: boolean
  signal: AbortSignal
  onBytes: (count: number) => void
  /** @param rows of a data file */
  onDone: (rows: number) => void
}

/**
 * Copies one file, and verifies the copy.
 *
 * @returns the entries of the clone's manifests; empty for deletes that apply to no file of the clone
 * @throws {AppError} as `copyFile`, and what reading delete files throws
 */
export async function copyClonedFile(
  file: ClonedFile,
  { from, to, location, paths, layout, staging }: CopyTarget,
  progress: CopyProgress,
): Promise<AddedFile[]> {
  const { signal } = progress
  const source: StoredFile = { store: from, location: file.path }
  const target: StoredFile = { store: to, location }
  const [{ dataFile: first }] = file.entries
  const toEntries = (change: Partial<DataFile>) =>
    file.entries.flatMap((entry) => toAddedFile(entry, { ...change, filePath: location }, paths, layout))
  switch (file.kind) {
    case 'data':
    case 'equality-deletes': {
      const fileSizeBytes = await copyOnce(source, target, staging, progress)
      if (file.kind === 'data') await requireRows(target, first, signal)
      progress.onDone(file.kind === 'data' ? first.recordCount : 0)
      return toEntries({ fileSizeBytes })
    }
    case 'position-deletes': {
      const renamed = await renamePositionDeletes(source, first, paths, signal)
      progress.onBytes(first.fileSizeBytes)
      if (renamed === null) return []
      await writeOnce(target, renamed.bytes, progress)
      return toEntries({
        ...renamed.file,
        fileFormat: 'parquet',
        fileSizeBytes: renamed.bytes.length,
        splitOffsets: null,
      })
    }
    case 'deletion-vectors': {
      const bytes = await renameDeletionVectors(source, paths, signal)
      progress.onBytes(first.fileSizeBytes)
      await writeOnce(target, bytes, progress)
      return toEntries({ fileSizeBytes: bytes.length })
    }
  }
}

/** @returns the size */
async function copyOnce(
  source: StoredFile,
  target: StoredFile,
  stagingPath: string,
  { isCopied, mayExist, signal, onBytes }: CopyProgress,
): Promise<number> {
  if (isCopied) {
    const sizes = await Promise.all([source, target].map(({ store, location }) => sizeOrNull(store, location, signal)))
    const [expected, actual] = sizes
    if (actual !== null && actual !== undefined && actual === expected) {
      onBytes(actual)
      return actual
    }
  }
  if (mayExist) await target.store.remove(target.location)
  return copyFile(source, target, { stagingPath, signal, onBytes })
}

async function sizeOrNull(store: ObjectStore, location: string, signal: AbortSignal): Promise<number | null> {
  try {
    return await store.sizeBytes(location, { signal })
  } catch (error) {
    if (error instanceof AppError && error.code === 'file-missing') return null
    throw error
  }
}

/** Writes a delete file and reads it back. */
async function writeOnce(
  { store, location }: StoredFile,
  bytes: Uint8Array,
  { mayExist, signal, onDone }: CopyProgress,
): Promise<void> {
  if (mayExist) await store.remove(location)
  await store.writeNew(location, bytes)
  const stored = await store.read(location, { signal })
  if (Buffer.compare(stored, bytes) !== 0) {
    throw new AppError('file-damaged', `${location} was not stored as it was written.`, { facts: { location } })
  }
  onDone(0)
}

/** @throws {AppError} file-damaged if a Parquet file has another number of rows than its manifest */
async function requireRows({ store, location }: StoredFile, file: DataFile, signal: AbortSignal): Promise<void> {
  if (file.fileFormat !== 'parquet') return
  const { rowCount } = await readFooter(await openDataFile(store, location, signal), { signal })
  if (rowCount === file.recordCount) return
  throw new AppError(
    'file-damaged',
    `${file.filePath} has ${rowCount} rows, but its manifest says ${file.recordCount}, so it was not cloned.`,
    { facts: { filePath: file.filePath } },
  )
}

/** Null for a deletion vector of a file that the state no longer has. */
function toAddedFile(
  { dataFile, sequenceNumber, fileSequenceNumber }: ClonedFile['entries'][number],
  change: Partial<DataFile>,
  paths: PathMap,
  { specIds, sortOrderIds }: ClonedLayout,
): AddedFile[] {
  const { referencedDataFile, sortOrderId, specId } = dataFile
  const referenced = referencedDataFile === null ? null : paths.get(referencedDataFile)
  if (referenced === undefined) return []
  return [
    {
      sequenceNumber,
      fileSequenceNumber,
      dataFile: {
        ...dataFile,
        ...change,
        specId: specIds.get(specId) ?? specId,
        sortOrderId: sortOrderId === null ? null : (sortOrderIds.get(sortOrderId) ?? 0),
        referencedDataFile: referenced,
      },
    },
  ]
}
