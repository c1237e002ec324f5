import 'server-only'
import type { ObjectStore } from '@/server/storage/object-store'

/**
 * A store whose credentials end before the work does: each call goes to the newest one.
 *
 * @param newest of the call; answers at once while the credentials last
 * @param current the one that was made last, for what needs no credentials
 */
export function refreshingStore(newest: () => Promise<ObjectStore>, current: () => ObjectStore): ObjectStore {
  return {
    checkLocation: (location) => current().checkLocation(location),
    read: async (location, options) => (await newest()).read(location, options),
    stream: async (location, options) => (await newest()).stream(location, options),
    sizeBytes: async (location, options) => (await newest()).sizeBytes(location, options),
    writeNew: async (location, bytes) => (await newest()).writeNew(location, bytes),
    importFile: async (localPath, location) => (await newest()).importFile(localPath, location),
    listNames: async (folder, options) => (await newest()).listNames(folder, options),
    hasFiles: async (location) => (await newest()).hasFiles(location),
    remove: async (location) => (await newest()).remove(location),
    removeEmptyFolder: async (location) => (await newest()).removeEmptyFolder(location),
  }
}
