import 'server-only'
import { decodeTime, isValid } from 'ulid'
import type { LakeServices } from '@/server/catalog/lake-services'
import { deleteExpiredUploads, findUploadIds } from '@/server/db/uploads/uploads'
import { removeUploadFiles } from './remove-upload'
import { uploadsFolder } from './upload-folder'

const ROWS_PER_BATCH = 500
const FOLDERS_PER_PAGE = 1_000
/** Bounds of one call; the next one goes on. */
const MAX_EXPIRED = 50_000
const MAX_FOLDERS = 100_000
const MAX_REMOVED_FILES = 200_000

export type TidiedUploads = {
  /** Expired uploads whose rows were removed. */
  expired: number
  /** Files that were removed, with folders that had no row. */
  files: number
  /** Whether it looked at all folders. */
  isComplete: boolean
}

/**
 * Removes uploads that have expired, and the files of uploads without a row: a process that ends between the two steps of
 * `removeUpload` leaves them.
 *
 * A folder is listed before its row is looked up, and a row is written before the first file of its folder, so that a new
 * upload is never taken for one without a row. A young folder stays nevertheless: it may belong to a copy of this
 * database, such as the one from which a backup was restored.
 *
 * @param options.nowMs the clock of the database, by which the ids of uploads were given
 */
export async function tidyUploads(
  services: Pick<LakeServices, 'config' | 'database' | 'stores'>,
  { nowMs, signal }: { nowMs: number; signal: AbortSignal },
): Promise<TidiedUploads> {
  const { config, database, stores } = services
  let expired = 0
  for (;;) {
    signal.throwIfAborted()
    const removed = await deleteExpiredUploads(database, ROWS_PER_BATCH)
    expired += removed
    if (removed < ROWS_PER_BATCH || expired >= MAX_EXPIRED) break
  }
  const store = stores.warehouseStore()
  let files = 0
  let folderCount = 0
  let pageToken: string | null = null
  do {
    signal.throwIfAborted()
    const page = await store.listFolder(uploadsFolder(config), { limit: FOLDERS_PER_PAGE, pageToken, signal })
    const ids = page.folders.filter((name) => isValid(name) && decodeTime(name) <= nowMs - config.uploads.lifeMs)
    const known = await findUploadIds(database, ids)
    for (const uploadId of ids) {
      if (known.has(uploadId)) continue
      files += await removeUploadFiles(services, uploadId, signal)
      if (files >= MAX_REMOVED_FILES) return { expired, files, isComplete: false }
    }
    folderCount += page.folders.length
    pageToken = page.nextPageToken
  } while (pageToken !== null && folderCount < MAX_FOLDERS)
  return { expired, files, isComplete: pageToken === null }
}
