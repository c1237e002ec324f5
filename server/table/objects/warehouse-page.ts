import 'server-only'
import type { WarehousePage } from '@/lib/contract/warehouse'
import { AppError } from '@/lib/errors'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { FolderOwner } from '@/server/catalog/port/warehouse-support'
import { findInFolder, type FolderRequest } from './find-in-folder'
import { equivalentLocations, parseLocation, rootLength } from '@/server/locations/location-gate'

const PAGE_SIZE = 500

type Ownership = Pick<WarehousePage, 'ownership' | 'owner'>

/**
 * One page of a folder of a catalog's warehouse, with the owners of the folders on it. It looks up only these folders
 * and their parents. The folder has to be in the warehouse, and the store's own gate checks it again.
 *
 * @param options.folder its location, or its path from the warehouse, such as `demo/flights`
 * @throws {AppError} not-supported when only the catalog knows the owners of folders; location-refused for a folder
 * outside the warehouse; not-found for one that does not exist; as the store does
 */
export async function readWarehousePage(
  catalog: Pick<CatalogClient, 'name' | 'warehouse' | 'warehouseSupport'>,
  actor: Actor,
  { folder, signal, ...request }: FolderRequest & { signal: AbortSignal },
): Promise<WarehousePage> {
  const { warehouse, warehouseSupport } = catalog
  if (warehouseSupport === undefined || warehouse === null) throw notSupportedError(catalog.name)
  const path = pathFromWarehouse(warehouse, folder === undefined ? warehouse : absoluteLocation(warehouse, folder))
  const listed = path.at(-1) ?? warehouse
  const { store, readOwnership } = warehouseSupport
  const page = await findInFolder(store, listed, { ...request, limit: PAGE_SIZE, signal })
  // The first table creates the warehouse.
  if (page.isMissing && path.length > 1) throw missingFolderError(listed)
  const ownership = await readOwnership([...path, ...page.folders.map((name) => `${listed}/${name}`)])
  const ownerAround = ownership.slice(0, path.length).findLast(({ owner }) => owner !== null)?.owner ?? null
  const ownershipAt = (index: number): Ownership => {
    const owner = ownership[index]?.owner ?? ownerAround
    const use = owner !== null ? 'owned' : ownership[index]?.hasOwnersBelow === true ? 'shared' : 'unowned'
    return { ownership: use, owner: owner && toVisibleOwner(owner, actor) }
  }
  return {
    warehouse: path[0] ?? warehouse,
    folder: listed,
    ...ownershipAt(path.length - 1),
    folders: page.folders.map((name, index) => {
      const location = `${listed}/${name}`
      return { name, location, isListable: parseLocation(location) !== null, ...ownershipAt(path.length + index) }
    }),
    files: page.files.map((file) => ({ ...file, location: `${listed}/${file.name}` })),
    searchedCount: page.searchedCount,
    nextPageToken: page.nextPageToken,
  }
}

/** A path without a scheme and a slash at its beginning is one from the warehouse. */
function absoluteLocation(warehouse: string, folder: string): string {
  return /^([a-z][a-z0-9+.-]*:|[/\\])/i.test(folder) ? folder : `${firstSpelling(warehouse)}/${folder}`
}

/** The locations from the warehouse to a folder in it, both included, in one spelling. */
function pathFromWarehouse(warehouse: string, folder: string): string[] {
  if (rootLength(folder, [warehouse]) === null) {
    throw new AppError(
      'location-refused',
      `This folder is not in the warehouse ${warehouse}. Only folders in it can be listed: write the location of one, ` +
        'or its path from the warehouse, such as demo/flights.',
      { facts: { location: folder } },
    )
  }
  const root = firstSpelling(warehouse)
  const names = firstSpelling(folder).slice(root.length).split('/').slice(1)
  return [root, ...names.map((_, index) => [root, ...names.slice(0, index + 1)].join('/'))]
}

function firstSpelling(location: string): string {
  return equivalentLocations(location)[0] ?? location
}

/** An owner as the actor may see it; null when they may not read it, or when no request can address it. */
function toVisibleOwner({ identifier, kind }: FolderOwner, actor: Actor): Ownership['owner'] {
  const { catalog, namespace, table: name } = identifier
  const isAddressable = name !== '' && namespace.length > 0 && namespace.every((level) => level !== '')
  return isAddressable && isPermitted(actor, 'table:read', identifier) ? { kind, catalog, namespace, name } : null
}

function missingFolderError(location: string): AppError {
  const isObjectStore = !location.startsWith('file:') && !location.startsWith('/')
  return new AppError(
    'not-found',
    isObjectStore
      ? `The folder ${location} does not exist: no object’s name begins with it.`
      : `The folder ${location} does not exist.`,
    { facts: { location } },
  )
}

function notSupportedError(catalog: string): AppError {
  return new AppError(
    'not-supported',
    `Only the catalog behind ${catalog} knows which of its tables owns a folder, so its warehouse cannot be listed here.`,
  )
}
