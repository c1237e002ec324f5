import 'server-only'
import pMap from 'p-map'
import type { LakeServices } from '@/server/catalog/lake-services'
import { deleteUpload, type Upload } from '@/server/db/uploads/uploads'
import { uploadFolder } from './upload-folder'

const FILES_PER_PAGE = 1_000
/** Far more than an upload has files: a store that lists removed files must not keep the caller. */
const MAX_PAGES = 10_000
const CONCURRENCY = 8

/**
 * Removes an upload: first its row, so that no reader and no writer finds an upload without its parts, then its files. If
 * the process ends in between, `tidyUploads` finds the folder.
 *
 * @returns whether the user had such an upload
 */
export async function removeUpload(
  services: Pick<LakeServices, 'config' | 'database' | 'stores'>,
  upload: Pick<Upload, 'uploadId' | 'userId'>,
): Promise<boolean> {
  const isRemoved = await deleteUpload(services.database, upload)
  if (isRemoved) await removeUploadFiles(services, upload.uploadId)
  return isRemoved
}

/** Removes all files in the folder of an upload that has no row. @returns how many */
export async function removeUploadFiles(
  { config, stores }: Pick<LakeServices, 'config' | 'stores'>,
  uploadId: string,
  signal?: AbortSignal,
): Promise<number> {
  const store = stores.warehouseStore()
  const folder = uploadFolder(config, { uploadId })
  let count = 0
  for (let page = 0; page < MAX_PAGES; page += 1) {
    signal?.throwIfAborted()
    // Always the first page: the files of the page before are removed.
    const { files } = await store.listFolder(folder, {
      limit: FILES_PER_PAGE,
      pageToken: null,
      ...(signal && { signal }),
    })
    await pMap(files, ({ name }) => store.remove(`${folder}/${name}`), { concurrency: CONCURRENCY })
    count += files.length
    if (files.length < FILES_PER_PAGE) break
  }
  await store.removeEmptyFolder(folder)
  return count
}
