import 'server-only'
import { createHash } from 'node:crypto'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { nameWithoutHash } from '@/lib/iceberg/partitioning/hashed-path'
import { findLayout } from '@/lib/iceberg/operations/write-entries'
import { dataFileLocation } from '@/server/data-files/write/data-file-location'
import type { ObjectStore } from '@/server/storage/object-store'
import type { ClonedFile } from './cloned-state'

/** With which the names of all files of a run begin, after a hash that the table may ask for. */
export function filePrefix(runId: string): string {
  return `${runId}-`
}

/**
 * The location of a copy. The name is the same in each attempt of a run, so that an attempt finds the copies of an
 * earlier one, and it contains the id of the run, so that its files can be found without the source.
 */
export function targetLocation(
  { kind, path, entries: [{ dataFile }] }: ClonedFile,
  runId: string,
  clone: TableMetadata,
  specIds: ReadonlyMap<number, number>,
): string {
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 24)
  // Deletes by position are written again.
  const extension = kind === 'position-deletes' ? 'parquet' : dataFile.fileFormat
  const fileName = `${filePrefix(runId)}${hash}.${extension}`
  const specId = specIds.get(dataFile.specId)
  if (specId === undefined) throw new Error(`the clone has no partition spec for ${path}`)
  return dataFileLocation({ fileName, partition: dataFile.partition }, clone, findLayout(clone, specId))
}

const PAGE_ENTRIES = 500
/** A clone has a folder for each value of each partition field, and with hashed paths up to five for each file. */
const MAX_FOLDERS = 200_000

/** Removes the files of a run below a folder, and the folders that are empty then. @returns how many were removed */
export async function removeFilesOfRun(store: ObjectStore, location: string, runId: string): Promise<number> {
  let removed = 0
  const folders = [location]
  for (let i = 0; i < folders.length && i < MAX_FOLDERS; i += 1) {
    const done = await removeFilesIn(store, folders[i] ?? '', runId)
    folders.push(...done.folders)
    removed += done.removed
  }
  for (const folder of folders.toReversed()) await store.removeEmptyFolder(folder)
  return removed
}

/** Removes the files of a run from one folder. @returns the folders in it, too */
export async function removeFilesIn(
  store: ObjectStore,
  folder: string,
  runId: string,
): Promise<{ removed: number; folders: string[] }> {
  let removed = 0
  const folders: string[] = []
  let pageToken: string | null = null
  do {
    const page = await store.listFolder(folder, { limit: PAGE_ENTRIES, pageToken })
    folders.push(...page.folders.map((name) => `${folder}/${name}`))
    for (const { name } of page.files) {
      if (!nameWithoutHash(name).startsWith(filePrefix(runId))) continue
      await store.remove(`${folder}/${name}`)
      removed += 1
    }
    pageToken = page.nextPageToken
  } while (pageToken !== null)
  return { removed, folders }
}
