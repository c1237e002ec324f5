import { AppError } from '@/lib/errors'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type ManifestSource, mapUnlessAborted, readManifestEntries } from '../snapshot-manifests'
import { type PlanCache, type PlannedManifest, readManifestLayout } from './manifest-layout'
import { snapshotOperation } from './snapshots-after'

/** Some data files of a snapshot, which are read with its deletes. */
export type FilesOfSnapshot = {
  snapshotId: string
  /** Positions in the scan of the snapshot, in ascending order. */
  fileIndexes: readonly number[]
  /** Only rows that pass are read: a predicate as JSON text. */
  where?: string
}

export type AppendedFile = Pick<ManifestEntry, 'dataFile'> & { fileIndex: number }
export type AppendedFiles = { snapshot: Snapshot; files: readonly AppendedFile[] }

/** The most files that one read of appended rows may have. */
export const MAX_APPENDED_FILES = 10_000

type AppendsOptions = { source: ManifestSource; layouts?: PlanCache['layouts']; maxFiles?: number }

/**
 * The data files that some successive snapshots appended, each in one snapshot from which it is read, with the deletes
 * that apply to it there. A file that the last snapshot still has is read from it, so rows that were deleted since are
 * absent. A file that was rewritten since, by a compaction or an overwrite, is read from the snapshot before that. A
 * file that was deleted is not read.
 *
 * Files are those of entries whose `snapshot_id` is that of an append: files of a compaction have rows that were
 * appended before.
 *
 * Spec: Iceberg table spec, *Snapshots* (`operation`), *Manifests* (`snapshot_id`).
 *
 * @param snapshots each the parent of the next, oldest first
 * @returns parts without a file are omitted
 * @throws {AppError} too-large for more files than `maxFiles`; file-missing, file-damaged, naming the file
 */
export async function findAppendedFiles(
  metadata: TableMetadata,
  snapshots: readonly Snapshot[],
  { source, layouts, maxFiles = MAX_APPENDED_FILES }: AppendsOptions,
): Promise<readonly AppendedFiles[]> {
  const appendIds = new Set<string>()
  const rangeIds = new Set(snapshots.map(({ snapshotId }) => snapshotId))
  const parts: AppendedFiles[] = []
  let fileCount = 0

  const listFiles = async (snapshot: Snapshot): Promise<AppendedFile[]> => {
    const { manifests } = await readManifestLayout({ metadata, snapshot }, source, layouts)
    // An entry is in a manifest that its own snapshot or a later one wrote. Lists of format v1 may not say which.
    const written = manifests.filter(
      ({ manifest }) => snapshot.manifestList === null || rangeIds.has(manifest.addedSnapshotId),
    )
    const files = await mapUnlessAborted(written, source.signal, async (planned) =>
      toAppendedFiles(planned, await readManifestEntries(metadata, planned.manifest, source), appendIds),
    )
    return files.flat()
  }

  const add = (snapshot: Snapshot, files: readonly AppendedFile[]) => {
    fileCount += files.length
    if (fileCount > maxFiles)
      throw new AppError(
        'too-large',
        `More than ${maxFiles.toLocaleString('en')} files were appended, which is the limit of one run.`,
        { facts: { maxFiles } },
      )
    if (files.length > 0) parts.push({ snapshot, files })
  }

  let before: Snapshot | null = null
  for (const snapshot of snapshots) {
    const operation = snapshotOperation(snapshot)
    if (before !== null && appendIds.size > 0 && operation !== 'append' && operation !== 'delete') {
      const remaining = new Set((await listFiles(snapshot)).map(({ dataFile }) => dataFile.filePath))
      add(
        before,
        (await listFiles(before)).filter(({ dataFile }) => !remaining.has(dataFile.filePath)),
      )
    }
    if (operation === 'append') appendIds.add(snapshot.snapshotId)
    before = snapshot
  }
  if (before !== null && appendIds.size > 0) add(before, await listFiles(before))
  return parts
}

/** As positions, which name the files for other processes. */
export function toFilesOfSnapshot({ snapshot, files }: AppendedFiles): FilesOfSnapshot {
  return { snapshotId: snapshot.snapshotId, fileIndexes: files.map(({ fileIndex }) => fileIndex) }
}

function toAppendedFiles(
  { firstFile, fileCount, manifest }: PlannedManifest,
  entries: readonly ManifestEntry[],
  appendIds: ReadonlySet<string>,
): AppendedFile[] {
  const live = entries.filter(({ status }) => status !== 'deleted')
  if (live.length !== fileCount)
    throw new AppError(
      'file-damaged',
      `The manifest ${manifest.manifestPath} has ${live.length} live files, but the manifest list says ${fileCount}.`,
      { facts: { file: manifest.manifestPath } },
    )
  return live.flatMap(({ snapshotId, dataFile }, i) =>
    appendIds.has(snapshotId) ? [{ dataFile, fileIndex: firstFile + i }] : [],
  )
}
