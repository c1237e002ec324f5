import 'server-only'
import { nameWithoutHash } from '@/lib/iceberg/partitioning/hashed-path'
import type { FolderPage, ObjectStore } from './object-store'

const PAGE_ENTRIES = 500

/**
 * Whether a file is below a folder whose name begins otherwise. Stops at the first one. A leftover of a killed process
 * has the name of the file that it was writing after a dot. A hash in front of a name does not count.
 */
export async function hasOtherFiles(
  store: Pick<ObjectStore, 'listFolder'>,
  location: string,
  filePrefix: string,
): Promise<boolean> {
  const folders = [location]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    let pageToken: string | null = null
    do {
      const page: FolderPage = await store.listFolder(folder, { limit: PAGE_ENTRIES, pageToken })
      if (page.files.some(({ name }) => !nameWithoutHash(name.replace(/^\./, '')).startsWith(filePrefix))) return true
      for (const name of page.folders) folders.push(`${folder}/${name}`)
      pageToken = page.nextPageToken
    } while (pageToken !== null)
  }
  return false
}
