import 'server-only'
import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import { AppError } from '@/lib/errors'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { mapUnlessAborted, toScanOrder } from '@/lib/scan/snapshot-manifests'
import { type ListedEntry, listLiveEntries, type OpenManifests } from './listed-entries'
import { summaryCount } from '@/server/table/summary-counts'

/** The entries of a snapshot with more files are not all read for a page. */
const MAX_READ_FILES = 20_000

/** A page of the live files of a snapshot. */
export type LiveFilePage = {
  page: readonly ListedEntry[]
  totalCount: number
  /** Size of all live files; null if unknown. */
  totalBytes: number | null
  /** The manifests that were read. */
  manifests: readonly ManifestFile[]
}

/**
 * Live files in scan order, from the file at `offset` on. In a large snapshot the manifest list says which manifests
 * have the files of the page, and the snapshot's summary how long all files are.
 *
 * @throws {AppError} file-damaged when a manifest of a large snapshot has not as many files as the manifest list says;
 *   as reading manifests does
 */
export async function readLiveFilePage(
  open: OpenManifests,
  { offset, limit, maxReadFiles = MAX_READ_FILES }: { offset: number; limit: number; maxReadFiles?: number },
): Promise<LiveFilePage> {
  const positioned = await readPositions(open)
  const totalCount = countFiles(positioned)
  if (totalCount <= maxReadFiles) return await readWholeSnapshot(open, offset, limit)
  const end = offset + limit
  const needed = positioned.filter(({ firstFile, fileCount }) => firstFile < end && firstFile + fileCount > offset)
  const entries = await mapUnlessAborted(needed, open.source.signal, (one) =>
    readEntriesBetween(open, one, { offset, end }),
  )
  return {
    page: entries.flat(),
    totalCount,
    totalBytes: open.snapshot && summaryCount(open.snapshot, 'total-files-size'),
    manifests: needed.map(({ manifest }) => manifest),
  }
}

/** The number of live files of a snapshot, as the manifest list counts them. Throws as reading manifests does. */
export async function countLiveFiles(open: OpenManifests): Promise<number> {
  return countFiles(await readPositions(open))
}

function countFiles(positioned: readonly PositionedManifest[]): number {
  const last = positioned.at(-1)
  return last === undefined ? 0 : last.firstFile + last.fileCount
}

/** Right also if the manifest list counts wrongly. */
async function readWholeSnapshot(open: OpenManifests, offset: number, limit: number): Promise<LiveFilePage> {
  const listed = await listLiveEntries(open)
  return {
    page: listed.slice(offset, offset + limit),
    totalCount: listed.length,
    totalBytes: listed.reduce((sum, { entry }) => sum + entry.dataFile.fileSizeBytes, 0),
    manifests: open.manifests,
  }
}

type PositionedManifest = {
  manifest: ManifestFile
  /** The index of its first live file among those of the snapshot. */
  firstFile: number
  fileCount: number
}

async function readPositions(open: OpenManifests): Promise<PositionedManifest[]> {
  const manifests = toScanOrder(open.manifests.filter(mightHoldLiveFiles))
  // Writers of format v1 may leave counts out.
  const counts = await mapUnlessAborted(
    manifests,
    open.source.signal,
    async (manifest) => listedFileCount(manifest) ?? (await readLiveEntries(open, manifest)).length,
  )
  let firstFile = 0
  return manifests.map((manifest, i) => {
    const fileCount = counts[i] ?? 0
    const positioned = { manifest, firstFile, fileCount }
    firstFile += fileCount
    return positioned
  })
}

function listedFileCount({ addedFilesCount, existingFilesCount }: ManifestFile): number | null {
  return addedFilesCount === null || existingFilesCount === null ? null : addedFilesCount + existingFilesCount
}

async function readLiveEntries(open: OpenManifests, manifest: ManifestFile): Promise<ListedEntry[]> {
  const entries = await open.readEntries(manifest)
  return entries.flatMap((entry) => (entry.status === 'deleted' ? [] : [{ manifest, entry }]))
}

async function readEntriesBetween(
  open: OpenManifests,
  { manifest, firstFile, fileCount }: PositionedManifest,
  { offset, end }: { offset: number; end: number },
): Promise<ListedEntry[]> {
  const live = await readLiveEntries(open, manifest)
  if (live.length === fileCount) return live.slice(Math.max(0, offset - firstFile), Math.max(0, end - firstFile))
  throw new AppError(
    'file-damaged',
    `The manifest ${manifest.manifestPath} has ${live.length} live files, but the manifest list says ${fileCount}.`,
    { facts: { file: manifest.manifestPath } },
  )
}
