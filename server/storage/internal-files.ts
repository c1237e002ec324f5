import 'server-only'
import { AppError } from '@/lib/errors'
import type { Config } from '@/server/config/config'
import { guardedStore } from './guarded-store'
import { rootLength } from '@/server/locations/location-gate'
import type { ObjectStore } from './object-store'

/**
 * The folder in the warehouse for files that belong to Lakeshore and not to a table: rows that a load rejected, and
 * inputs on their way to a worker. No table, request or token may name a location in it; the code that opens it builds
 * the names itself.
 */

const INTERNAL_FOLDER = '/.lakeshore'

type WarehouseConfig = Pick<Config, 'warehouse'>

export function internalFolder(config: WarehouseConfig): string {
  return `${config.warehouse}${INTERNAL_FOLDER}`
}

/** The lists of rows that loads rejected, by the ids of their runs. */
export function rejectsFolder(config: WarehouseConfig): string {
  return `${internalFolder(config)}/rejects`
}

/** Ignores case, because some file systems do. */
export function isInternalFile(config: WarehouseConfig, location: string): boolean {
  const text = foldCase(location)
  // A fast path: almost no location contains the name. Those that do are compared as locations.
  return text.includes(INTERNAL_FOLDER) && rootLength(text, [foldCase(internalFolder(config))]) !== null
}

function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase()
}

/** A store that refuses locations in that folder. */
export function withoutInternalFiles(config: WarehouseConfig, store: ObjectStore): ObjectStore {
  const refuseInternal = (location: string) => {
    if (!isInternalFile(config, location)) return
    throw new AppError('location-refused', 'This location is reserved for Lakeshore itself.', {
      facts: { location },
    })
  }
  const guarded = guardedStore(store, async (location) => refuseInternal(location))
  return {
    ...guarded,
    checkLocation(location) {
      refuseInternal(location)
      store.checkLocation(location)
    },
    async listFolder(folder, options) {
      const page = await guarded.listFolder(folder, options)
      const parent = folder.replace(/\/+$/, '')
      return { ...page, folders: page.folders.filter((name) => !isInternalFile(config, `${parent}/${name}`)) }
    },
  }
}
