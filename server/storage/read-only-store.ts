import 'server-only'
import { AppError } from '@/lib/errors'
import type { ObjectStore } from './object-store'

/** Refuses every write before anything is touched. */
export function readOnlyStore(store: ObjectStore): ObjectStore {
  const refuse = async (location: string): Promise<never> => {
    store.checkLocation(location)
    throw new AppError('forbidden', 'This storage is connected as read-only.', { facts: { location } })
  }
  return {
    ...store,
    writeNew: refuse,
    copyNew: (_from, to) => refuse(to),
    importFile: (_localPath, location) => refuse(location),
    remove: refuse,
    removeEmptyFolder: refuse,
  }
}
