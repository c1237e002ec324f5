import 'server-only'
import { AppError } from '@/lib/errors'
import { config } from '@/server/config'
import { localStore } from './local/local-store'
import { localPathOf } from './location-gate'
import type { ObjectStore } from './object-store'

const stores = new Map<string, ObjectStore>()

/**
 * The store that holds a catalog's tables.
 *
 * @throws {AppError} not-found for a catalog that is not there
 */
export function openStore(catalogName: string): ObjectStore {
  const { catalogName: embedded, warehouse } = config()
  if (catalogName !== embedded) throw new AppError('not-found', `There is no catalog named ${catalogName}.`)
  const store = stores.get(warehouse) ?? localStore([warehouse])
  stores.set(warehouse, store)
  return store
}

/**
 * Where a location of the warehouse is on this machine, for engines that open files themselves. Only the text is
 * judged: whoever opens it must not follow symlinks out.
 *
 * @throws {AppError} forbidden
 */
export function localPath(location: string): string {
  return localPathOf(location, [config().warehouse])
}
