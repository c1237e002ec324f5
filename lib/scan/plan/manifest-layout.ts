import { countEntries } from '@/lib/iceberg/manifest/count-entries'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import {
  type ManifestSource,
  mapUnlessAborted,
  mightHoldLiveFiles,
  readManifestEntries,
  readSnapshotManifests,
  type TableSnapshot,
  toScanOrder,
} from '../snapshot-manifests'
import { rejectDeleteFiles } from './reject-unreadable'

/** A manifest of data files and the position of its files and rows in the scan. */
export type PlannedManifest = {
  manifest: ManifestFile
  firstFile: number
  firstRow: number
  /** Live files, and the rows in them. */
  fileCount: number
  rowCount: number
}

/** The manifests of a scan in scan order, without those that have no live files. */
export type ManifestLayout = {
  manifests: readonly PlannedManifest[]
  fileCount: number
  rowCount: number
}

/** Layouts by the location of the manifest list, which never changes. */
export type LayoutCache = {
  get(key: string): ManifestLayout | undefined
  set(key: string, layout: ManifestLayout): void
}

/**
 * Positions of files and rows, from the manifest list alone. A manifest whose counts the list leaves out, as old
 * writers of format v1 did, is read for them.
 *
 * @throws {AppError} not-supported for a snapshot with delete files (facts: the number of each kind) · file-missing,
 *   file-damaged, too-large, naming the file
 */
export async function readManifestLayout(
  table: TableSnapshot,
  source: ManifestSource,
  cache?: LayoutCache,
): Promise<ManifestLayout> {
  const key = table.snapshot?.manifestList ?? null
  const cached = key === null ? undefined : cache?.get(key)
  if (cached) return cached
  const manifests = toScanOrder(await readCountedManifests(table, source)).filter(mightHoldLiveFiles)
  await source.takeTurns?.()
  const deletes = manifests.filter(({ content }) => content === 'deletes')
  await rejectDeleteFiles(table.metadata, deletes, source)
  const layout = layOut(manifests)
  if (key !== null) cache?.set(key, layout)
  return layout
}

function layOut(manifests: readonly ManifestFile[]): ManifestLayout {
  let [fileCount, rowCount] = [0, 0]
  const planned = manifests.map((manifest): PlannedManifest => {
    const position = { firstFile: fileCount, firstRow: rowCount }
    const files = sum(manifest.addedFilesCount, manifest.existingFilesCount)
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
