import 'server-only'
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import { config } from '@/server/config'
import { azureStore } from './azure/azure-store'
import { gcsStore } from './gcs/gcs-store'
import { localStore } from './local/local-store'
import { localPathOf, rootLength } from './location-gate'
import { mappedStore } from './mapped-store'
import type { ObjectStore } from './object-store'
import { withoutOwnFiles } from './own-files'
import { readOnlyStore } from './read-only-store'
import { s3Store } from './s3/s3-store'
import type { LocationMapping, S3Signer, StorageAccess } from './storage-access'

/** Credentials that a catalog hands out last an hour or so, and each makes a store of its own. */
const MOST_KEPT_STORES = 256

/** By what the access says, hashed with a key of this process: secrets are no keys of maps. */
const stores = new Map<string, ObjectStore>()
const HASH_KEY = createSecretKey(randomBytes(32))

/** What `openStore` gives, by the store it is made of: files that were read are known again by their store. */
const ofTables = new WeakMap<ObjectStore, ObjectStore>()

/** Of accesses that were seen, which nobody changes: every request for a table asks for its store. */
const storeKeys = new WeakMap<StorageAccess, string>()

/** Signers are functions; one that is the same has the same number. */
const signerNumbers = new WeakMap<S3Signer, number>()
let signerCount = 0

/** The store behind an access; the same one for equal accesses, so that its bounds hold for all who use it. */
export function storeFor(access: StorageAccess, mappings: readonly LocationMapping[] = []): ObjectStore {
  const store = keptStore(access)
  return mappings.length === 0 ? store : mappedStore(store, mappings)
}

/**
 * One store over several accesses, as vended credentials come: each location is served by the access with the longest
 * root around it.
 */
export function storeForAll(
  accesses: readonly StorageAccess[],
  mappings: readonly LocationMapping[] = [],
): ObjectStore {
  const [only] = accesses
  if (accesses.length === 1 && only) return storeFor(only, mappings)
  const holding = (location: string): ObjectStore => {
    const [nearest] = accesses
      .flatMap((access) => {
        const length = rootLength(location, access.roots)
        return length === null ? [] : [{ access, length }]
      })
      .sort((a, b) => b.length - a.length)
    if (nearest) return keptStore(nearest.access)
    throw new AppError('location-refused', 'This location is outside the roots of its storage.', {
      facts: { location },
    })
  }
  return mappedStore(holding, mappings)
}

/**
 * The store that holds the embedded catalog's tables. Those of a home that was moved are spoken of as their metadata
 * names them.
 *
 * @throws {AppError} not-found for a catalog that is not there
 */
export function openStore(catalogName: string): ObjectStore {
  if (catalogName !== config().catalogName) throw new AppError('not-found', `There is no catalog named ${catalogName}.`)
  const whole = openWarehouse()
  const known = ofTables.get(whole)
  if (known) return known
  const store = withoutOwnFiles(whole)
  ofTables.set(whole, store)
  return store
}

/** The store of the whole warehouse, with the folder that Lakeshore keeps for itself (`own-files`). */
export function openWarehouse(): ObjectStore {
  const { storage, warehouseMappings } = config()
  if (warehouseMappings.length === 0) return storeFor(storage)
  return mappedStore(storeFor(storage), warehouseMappings, { isOnlyMapped: true })
}

/**
 * Where a location of the warehouse is on this machine, for engines that open files themselves. Only the text is
 * judged: whoever opens it must not follow symlinks out.
 *
 * @throws {AppError} location-refused
 */
export function localPath(location: string): string {
  const { warehouse, storage } = config()
  const [root = warehouse] = storage.roots
  const below = path.relative(localPathOf(warehouse, [warehouse]), localPathOf(location, [warehouse]))
  return path.join(/* turbopackIgnore: true */ localPathOf(root, [root]), below)
}

function keptStore(access: StorageAccess): ObjectStore {
  const key = storeKeyOf(access)
  const store = stores.get(key) ?? newStore(access)
  // Those used last are at the end.
  stores.delete(key)
  stores.set(key, store)
  for (const [oldest] of stores) {
    if (stores.size <= MOST_KEPT_STORES) break
    stores.delete(oldest)
  }
  return store
}

function storeKeyOf(access: StorageAccess): string {
  const known = storeKeys.get(access)
  if (known !== undefined) return known
  const key = createHmac('sha256', HASH_KEY).update(canonical(access)).digest('base64url')
  storeKeys.set(access, key)
  return key
}

function newStore(access: StorageAccess): ObjectStore {
  const store = writableStore(access)
  return access.isReadOnly === true ? readOnlyStore(store) : store
}

function writableStore(access: StorageAccess): ObjectStore {
  switch (access.kind) {
    case 'local':
      return localStore(access.roots)
    case 's3':
      return s3Store(access)
    case 'azure':
      return azureStore(access)
    case 'gcs':
      return gcsStore(access)
  }
}

/** Equal text for equal accesses, whatever the order of their fields. */
function canonical(access: StorageAccess): string {
  return JSON.stringify(access, (_name, value: unknown) => {
    if (typeof value === 'function') return numberOf(value as S3Signer)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

function numberOf(signer: S3Signer): number {
  let number = signerNumbers.get(signer)
  if (number === undefined) {
    signerCount += 1
    number = signerCount
    signerNumbers.set(signer, number)
  }
  return number
}
