import 'server-only'
import { AppError } from '@/lib/errors'
import type { Config } from '@/server/config'
import { rootLength } from './location-gate'
import type { ObjectStore } from './object-store'

/**
 * The folder in the warehouse for files that are Lakeshore's and no table's: rows that a load left out, and inputs on
 * their way to a worker. No table, request or token may name a location in it; what opens it knows its own names.
 */

const OWN_FOLDER = '/.lakeshore'

type WarehouseConfig = Pick<Config, 'warehouse'>

export function ownFolder(config: WarehouseConfig): string {
  return `${config.warehouse}${OWN_FOLDER}`
}

/** In any case of letters, since some file systems take one for the other. */
export function isOwnFile(config: WarehouseConfig, location: string): boolean {
  const text = folded(location)
  // Nearly no location holds the name; those that do are compared as locations.
  return text.includes(OWN_FOLDER) && rootLength(text, [folded(ownFolder(config))]) !== null
}

function folded(text: string): string {
  return text.toUpperCase().toLowerCase()
}

/** The store without that folder. */
export function withoutOwnFiles(config: WarehouseConfig, store: ObjectStore): ObjectStore {
  const requireOther = (location: string) => {
    if (!isOwnFile(config, location)) return
    throw new AppError('location-refused', 'This location is one that Lakeshore keeps for itself.', {
      facts: { location },
    })
  }
  const other =
    <Rest extends unknown[], Result>(work: (location: string, ...rest: Rest) => Promise<Result>) =>
    async (location: string, ...rest: Rest): Promise<Result> => {
      requireOther(location)
      return work(location, ...rest)
    }
  return {
    checkLocation(location) {
      requireOther(location)
      store.checkLocation(location)
    },
    read: other(store.read),
    stream: other(store.stream),
    sizeBytes: other(store.sizeBytes),
    writeNew: other(store.writeNew),
    async importFile(localPath, location) {
      requireOther(location)
      await store.importFile(localPath, location)
    },
    listNames: other(store.listNames),
    hasFiles: other(store.hasFiles),
    remove: other(store.remove),
    removeEmptyFolder: other(store.removeEmptyFolder),
  }
}
