import 'server-only'
import type { ObjectStore } from '@/server/storage/object-store'

/**
 * A store whose credentials may expire during the work. Each call uses the newest store.
 *
 * @param newest returns the store for a call, without delay while the credentials are valid
 * @param current returns the last store, for calls that need no credentials
 */
export function refreshingStore(newest: () => Promise<ObjectStore>, current: () => ObjectStore): ObjectStore {
  return {
    checkLocation: (location) => current().checkLocation(location),
    read: async (location, options) => (await newest()).read(location, options),
    stream: async (location, options) => (await newest()).stream(location, options),
    sizeBytes: async (location, options) => (await newest()).sizeBytes(location, options),
    readVersion: async (location, options) => (await newest()).readVersion(location, options),
    writeNew: async (location, bytes) => (await newest()).writeNew(location, bytes),
    importFile: async (localPath, location) => (await newest()).importFile(localPath, location),
    copyNew: async (from, to, options) => (await newest()).copyNew(from, to, options),
    listNames: async (folder, options) => (await newest()).listNames(folder, options),
    listFolder: async (folder, options) => (await newest()).listFolder(folder, options),
    hasFiles: async (location) => (await newest()).hasFiles(location),
    remove: async (location) => (await newest()).remove(location),
    removeEmptyFolder: async (location) => (await newest()).removeEmptyFolder(location),
  }
}
