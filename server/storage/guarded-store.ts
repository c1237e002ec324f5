import 'server-only'
import type { ObjectStore } from './object-store'

/**
 * A store that calls `requireAllowed` before it touches a location. `checkLocation` does not: it only checks the
 * store's own gate.
 *
 * @param requireAllowed throws for a location that may not be touched
 */
export function guardedStore(store: ObjectStore, requireAllowed: (location: string) => Promise<void>): ObjectStore {
  const guard =
    <Rest extends unknown[], Result>(work: (location: string, ...rest: Rest) => Promise<Result>) =>
    async (location: string, ...rest: Rest): Promise<Result> => {
      await requireAllowed(location)
      return work(location, ...rest)
    }
  return {
    checkLocation: (location) => store.checkLocation(location),
    read: guard(store.read),
    stream: guard(store.stream),
    sizeBytes: guard(store.sizeBytes),
    readVersion: guard(store.readVersion),
    writeNew: guard(store.writeNew),
    async importFile(localPath, location) {
      await requireAllowed(location)
      await store.importFile(localPath, location)
    },
    async copyNew(from, to, options) {
      await requireAllowed(from)
      await requireAllowed(to)
      return store.copyNew(from, to, options)
    },
    listNames: guard(store.listNames),
    listFolder: guard(store.listFolder),
    hasFiles: guard(store.hasFiles),
    remove: guard(store.remove),
    removeEmptyFolder: guard(store.removeEmptyFolder),
  }
}

/**
 * A store that refuses everything except removing: that discloses nothing, and a run has to be able to clean up the files
 * that it wrote.
 *
 * @param requireReadable throws while the files may not be read
 */
export function gatedStore(store: ObjectStore, requireReadable: () => void): ObjectStore {
  const { remove, removeEmptyFolder } = store
  return { ...guardedStore(store, async () => requireReadable()), remove, removeEmptyFolder }
}
