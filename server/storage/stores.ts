import 'server-only'
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import { outsideLocationError } from '@/server/locations/outside-location'
import type { Config } from '@/server/config/config'
import type { Log } from '@/server/log'
import { azureStore } from './azure/azure-store'
import { gcsStore } from './gcs/gcs-store'
import { localStore } from './local/local-store'
import { requireLocalPath, rootLength } from '@/server/locations/location-gate'
import { mappedStore } from './mapped-store'
import type { ObjectStore } from './object-store'
import { withoutInternalFiles } from './internal-files'
import { readOnlyStore } from './read-only-store'
import { s3Store } from './s3/s3-store'
import type { LocationMapping, S3Signer, StorageAccess } from '@/server/locations/storage-access'

/** Vended credentials last about an hour, and each set of them needs a separate store. */
const MAX_CACHED_STORES = 256

/** The stores of a program, one for each set of endpoint, credentials and roots. */
export class Stores {
  readonly #config: Pick<Config, 'catalogName' | 'storage' | 'warehouse' | 'warehouseMappings'>
  readonly #log: Log
  /** Keyed by a hash of the access with a key of this program, so that no secret is a map key. */
  readonly #storesByKey = new LRUCache<string, ObjectStore>({ max: MAX_CACHED_STORES })
  readonly #hashKey = createSecretKey(randomBytes(32))
  /**
   * The results of `catalogStore`, by the underlying store. Caches identify files by their store, so it must be the same
   * object each time.
   */
  readonly #catalogStores = new WeakMap<ObjectStore, ObjectStore>()
  /** Hashes of accesses that were already seen and never change: every request for a table looks up its store. */
  readonly #keysByAccess = new WeakMap<StorageAccess, string>()
  /** Signers are functions; the same signer always has the same number. */
  readonly #signerNumbers = new WeakMap<S3Signer, number>()
  #signerCount = 0

  constructor(config: Pick<Config, 'catalogName' | 'storage' | 'warehouse' | 'warehouseMappings'>, log: Log) {
    this.#config = config
    this.#log = log
  }

  /** The store for an access. Equal accesses share one store, so its limits apply to all its users. */
  storeFor(access: StorageAccess, mappings: readonly LocationMapping[] = []): ObjectStore {
    const store = this.#cachedStore(access)
    return mappings.length === 0 ? store : mappedStore(store, mappings)
  }

  /**
   * One store over several accesses, as with vended credentials. Each location is served by the access with the longest
   * root that contains it.
   */
  storeForAll(accesses: readonly StorageAccess[], mappings: readonly LocationMapping[] = []): ObjectStore {
    const [only] = accesses
    if (accesses.length === 1 && only) return this.storeFor(only, mappings)
    const findStore = (location: string): ObjectStore => {
      const [nearest] = accesses
        .flatMap((access) => {
          const length = rootLength(location, access.roots)
          return length === null ? [] : [{ access, length }]
        })
        .sort((a, b) => b.length - a.length)
      if (nearest) return this.#cachedStore(nearest.access)
      throw outsideLocationError({ location })
    }
    return mappedStore(findStore, mappings)
  }

  /**
   * The store of the embedded catalog's tables. For a home that was moved, callers still use the locations that the
   * metadata names.
   *
   * @throws {AppError} not-found when the catalog does not exist
   */
  catalogStore(name: string): ObjectStore {
    if (name !== this.#config.catalogName)
      throw new AppError('not-found', `There is no catalog named ${name} that you may see.`)
    const wholeWarehouse = this.warehouseStore()
    const cached = this.#catalogStores.get(wholeWarehouse)
    if (cached) return cached
    const store = withoutInternalFiles(this.#config, wholeWarehouse)
    this.#catalogStores.set(wholeWarehouse, store)
    return store
  }

  /** The store of the whole warehouse, including Lakeshore's own folder (`internal-files`). */
  warehouseStore(): ObjectStore {
    const { storage, warehouseMappings } = this.#config
    if (warehouseMappings.length === 0) return this.storeFor(storage)
    return mappedStore(this.storeFor(storage), warehouseMappings, { isMappingRequired: true, namesActual: true })
  }

  /**
   * The path on this machine of a location in the warehouse, for engines that open files themselves. Only the text is
   * checked: the engine must not follow symlinks out of the warehouse.
   *
   * @throws {AppError} location-refused
   */
  localPath(location: string): string {
    const { warehouse, storage } = this.#config
    const [root = warehouse] = storage.roots
    const relativePath = path.relative(
      requireLocalPath(warehouse, [warehouse]),
      requireLocalPath(location, [warehouse]),
    )
    return path.join(/* turbopackIgnore: true */ requireLocalPath(root, [root]), relativePath)
  }

  #cachedStore(access: StorageAccess): ObjectStore {
    const key = this.#accessKey(access)
    const cached = this.#storesByKey.get(key)
    if (cached) return cached
    const store = createStore(access, this.#log)
    this.#storesByKey.set(key, store)
    return store
  }

  #accessKey(access: StorageAccess): string {
    const cached = this.#keysByAccess.get(access)
    if (cached !== undefined) return cached
    const text = canonicalJson(access, (signer) => this.#signerNumber(signer))
    const key = createHmac('sha256', this.#hashKey).update(text).digest('base64url')
    this.#keysByAccess.set(access, key)
    return key
  }

  #signerNumber(signer: S3Signer): number {
    let number = this.#signerNumbers.get(signer)
    if (number === undefined) {
      this.#signerCount += 1
      number = this.#signerCount
      this.#signerNumbers.set(signer, number)
    }
    return number
  }
}

function createStore(access: StorageAccess, log: Log): ObjectStore {
  const store = createWritableStore(access, log)
  return access.isReadOnly === true ? readOnlyStore(store) : store
}

function createWritableStore(access: StorageAccess, log: Log): ObjectStore {
  switch (access.kind) {
    case 'local':
      return localStore(access.roots)
    case 's3':
      return s3Store(access, log)
    case 'azure':
      return azureStore(access)
    case 'gcs':
      return gcsStore(access)
  }
}

/** Equal text for equal accesses, regardless of the order of their fields. */
function canonicalJson(access: StorageAccess, signerNumber: (signer: S3Signer) => number): string {
  return JSON.stringify(access, (_name, value: unknown) => {
    if (typeof value === 'function') return signerNumber(value as S3Signer)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
