import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import { AppError } from '@/lib/errors'
import { countEntries } from '@/lib/iceberg/manifest/count-entries'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { DeleteIndex } from '../deletes/delete-index'
import {
  type ManifestSource,
  mapUnlessAborted,
  readManifestEntries,
  readSnapshotManifests,
  type TableSnapshot,
  toScanOrder,
} from '../snapshot-manifests'

/** A manifest of data files and the position of its files and rows in the scan. */
export type PlannedManifest = {
  manifest: ManifestFile
  firstFile: number
  firstRow: number
  /** Live files, and the rows in them. */
  fileCount: number
  rowCount: number
}

/** The manifests of a scan in scan order, without manifests that have no live files. */
export type ManifestLayout = {
  manifests: readonly PlannedManifest[]
  fileCount: number
  /** Deleted rows included. */
  rowCount: number
  /** Manifests with live delete files, in scan order. */
  deleteManifests: readonly ManifestFile[]
  /** Live delete files. */
  deleteFileCount: number
}

/** Values by the location of the manifest list, which never changes. */
type ByManifestList<T> = { get(key: string): T | undefined; set(key: string, value: T): void }

/** The layouts and delete indexes of the snapshots planned so far. */
export type PlanCache = { layouts: ByManifestList<ManifestLayout>; deletes: ByManifestList<DeleteIndex> }

/**
 * Positions of files and rows, from the manifest list alone. A manifest whose counts the list leaves out, as old
 * writers of format v1 did, is read for them.
 *
 * @throws {AppError} file-missing, file-damaged, too-large, naming the file
 */
export async function readManifestLayout(
  table: TableSnapshot,
  source: ManifestSource,
  cache?: PlanCache['layouts'],
): Promise<ManifestLayout> {
  const key = table.snapshot?.manifestList ?? null
  const cached = key === null ? undefined : cache?.get(key)
  if (cached) return cached
  const manifests = toScanOrder(await readCountedManifests(table, source)).filter(mightHoldLiveFiles)
  await source.takeTurns?.()
  const isOfData = ({ content }: ManifestFile) => content === 'data'
  const deleteManifests = manifests.filter((manifest) => !isOfData(manifest))
  const deleteFileCount = deleteManifests.reduce((count, manifest) => count + liveFileCount(manifest), 0)
  const layout = { ...layOut(manifests.filter(isOfData)), deleteManifests, deleteFileCount }
  if (key !== null) cache?.set(key, layout)
  return layout
}

/** Their descriptions are in memory while tables are read: about 150 MB. */
const MAX_DELETE_FILES = 100_000

/**
 * The delete files of a snapshot, from all manifests of deletes.
 *
 * @throws {AppError} too-large, file-missing, file-damaged, naming the file
 */
export async function readDeleteIndex(
  { metadata, snapshot }: TableSnapshot,
  { deleteManifests, deleteFileCount }: Pick<ManifestLayout, 'deleteManifests' | 'deleteFileCount'>,
  source: ManifestSource,
  cache?: PlanCache['deletes'],
  maxDeleteFiles = MAX_DELETE_FILES,
): Promise<DeleteIndex> {
  const key = snapshot?.manifestList ?? null
  const cached = key === null ? undefined : cache?.get(key)
  if (cached) return cached
  if (deleteFileCount > maxDeleteFiles) {
    throw new AppError(
      'too-large',
      `This snapshot has ${deleteFileCount} delete files, but Lakeshore applies at most ${maxDeleteFiles}. Compact the table to read it.`,
      { facts: { deleteFiles: deleteFileCount } },
    )
  }
  const entries = await mapUnlessAborted(deleteManifests, source.signal, async (manifest) => {
    const live = (await readManifestEntries(metadata, manifest, source)).filter(({ status }) => status !== 'deleted')
    if (live.length === liveFileCount(manifest)) return live
    throw new AppError(
      'file-damaged',
      `The manifest ${manifest.manifestPath} has ${live.length} live delete files, but the manifest list says ${liveFileCount(manifest)}.`,
      { facts: { file: manifest.manifestPath } },
    )
  })
  const takeTurns = source.takeTurns ?? (() => null)
  const index = await DeleteIndex.createInTurns(entries.flat(), metadata, takeTurns)
  if (key !== null) cache?.set(key, index)
  return index
}

function liveFileCount({ addedFilesCount, existingFilesCount }: ManifestFile): number {
  return sum(addedFilesCount, existingFilesCount)
}

function layOut(manifests: readonly ManifestFile[]): Pick<ManifestLayout, 'manifests' | 'fileCount' | 'rowCount'> {
  let [fileCount, rowCount] = [0, 0]
  const planned = manifests.map((manifest): PlannedManifest => {
    const position = { firstFile: fileCount, firstRow: rowCount }
    const files = liveFileCount(manifest)
    const rows = sum(manifest.addedRowsCount, manifest.existingRowsCount)
    fileCount += files
    rowCount += rows
    return { manifest, ...position, fileCount: files, rowCount: rows }
  })
  return { manifests: planned, fileCount, rowCount }
}

async function readCountedManifests(table: TableSnapshot, source: ManifestSource): Promise<ManifestFile[]> {
  const manifests = await readSnapshotManifests(table, source)
  const uncounted = manifests.filter((manifest) => mightHoldLiveFiles(manifest) && !hasCounts(manifest))
  if (uncounted.length === 0) return manifests
  const counted = await mapUnlessAborted(uncounted, source.signal, async (manifest) => {
    const counts = countEntries(await readManifestEntries(table.metadata, manifest, source))
    return [manifest, { ...manifest, ...counts }] as const
  })
  const countedByManifest = new Map(counted)
  return manifests.map((manifest) => countedByManifest.get(manifest) ?? manifest)
}

function hasCounts(manifest: ManifestFile): boolean {
  const { addedFilesCount, existingFilesCount, addedRowsCount, existingRowsCount } = manifest
  return [addedFilesCount, existingFilesCount, addedRowsCount, existingRowsCount].every((count) => count !== null)
}

function sum(added: number | null, existing: number | null): number {
  return (added ?? 0) + (existing ?? 0)
}
