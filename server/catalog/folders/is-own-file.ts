import 'server-only'
import { AppError } from '@/lib/errors'
import { rootLength } from '@/server/locations/location-gate'
import type { ObjectStore } from '@/server/storage/object-store'

/**
 * Whether a removal of a table's files may remove a file: it is in a folder of the table, not in another table's folder
 * within that, and where the store may go. Other files stay, because another table may use them.
 */
export function isOwnFile(
  location: string,
  { store, folders, otherFolders }: { store: ObjectStore; folders: readonly string[]; otherFolders: readonly string[] },
): boolean {
  const own = rootLength(location, folders)
  if (own === null || own < (rootLength(location, otherFolders) ?? 0)) return false
  try {
    store.checkLocation(location)
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'location-refused') return false
    throw error
  }
}
