import 'server-only'
import { LRUCache } from 'lru-cache'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type ExpiringValue, createRefreshingValue, refreshTimeMs } from '@/lib/refreshing-value'
import type { ObjectStore } from '@/server/storage/object-store'
import type { LocationMapping, StorageAccess } from '@/server/locations/storage-access'
import { SignatureCache } from './signature-cache'
import { refreshingStore } from './refreshing-store'
import { remoteSigner } from './remote-signer'
import type { ReadOptions, RestSession } from '../http/session'
import type { ReadGates } from '../read-gates'
import type { StorageCredential, VendedContext } from './vended-context'
import { earliestExpiryMs, vendedAccess } from './vended-access'

/** The part of a catalog's response about access to a table's files. */
export type VendedConfig = {
  tableLocation: string
  config: Readonly<Record<string, string>>
  credentials: readonly StorageCredential[]
}

export type TableStoreDeps = {
  storage: readonly StorageAccess[]
  mappings: readonly LocationMapping[]
  storeForAll: (accesses: readonly StorageAccess[], mappings: readonly LocationMapping[]) => ObjectStore
  resolve?: VendedContext['resolve']
}

/** How long the store of a loaded table is cached, so that reading many ranges takes one request to the catalog. */
const STORE_LIFETIME_MS = 5 * 60_000
const MAX_STORES = 500

/**
 * The stores of a connection's tables. Without delegation all tables share the connection's own store. With it each
 * table has its own store, built from vended credentials that are refreshed before they expire. Vended config that
 * cannot be used, such as a forbidden address, fails only when a file is read, so that the metadata stays visible. Every
 * store is behind the gate of its table.
 *
 * @param fetchVendedConfig fetches new vended config from the catalog
 */
export function tableStores(
  {
    session,
    gates,
    storage,
    mappings,
    storeForAll,
    resolve,
  }: TableStoreDeps & { session: RestSession; gates: ReadGates },
  fetchVendedConfig: (
    identifier: TableIdentifier,
    last: VendedConfig | null,
    options?: ReadOptions,
  ) => Promise<VendedConfig>,
) {
  const isDelegated = session.settings.delegation !== 'none'
  const ownStore = storeForAll(storage, mappings)
  /** A store for each table, because what is cached of a store's files is cached by the store. */
  const gatedOwnStores = new LRUCache<string, ObjectStore>({ max: MAX_STORES })
  const storeCache = new LRUCache<string, ObjectStore>({
    max: MAX_STORES,
    // An entry of lru-cache lives through the last millisecond of its time.
    ttl: STORE_LIFETIME_MS - 1,
    ttlResolution: 0,
    perf: { now: session.nowMs },
  })
  const signatures = new SignatureCache(session.nowMs)

  function openOwn(identifier: TableIdentifier): ObjectStore {
    const key = cacheKey(identifier)
    const store = gatedOwnStores.get(key) ?? gates.guard(identifier, ownStore)
    gatedOwnStores.set(key, store)
    return store
  }

  async function buildStore(
    identifier: TableIdentifier,
    vendedConfig: VendedConfig,
  ): Promise<ExpiringValue<ObjectStore>> {
    const startedAtMs = session.nowMs()
    const { base, properties } = await session.config()
    const { tableLocation, config, credentials } = vendedConfig
    const accesses = await vendedAccess({
      tableLocation,
      config: { ...properties, ...config },
      credentials,
      storage,
      catalogUri: session.settings.uri,
      createSigner: (signer) => remoteSigner({ http: session.http, signatures, base }, signer),
      ...(resolve && { resolve }),
    })
    const store = accesses.length === 0 ? ownStore : storeForAll([...accesses, ...storage], mappings)
    // Behind the refresh, whose response may restrict the table.
    const value = gates.guard(identifier, store)
    return { value, validUntilMs: refreshTimeMs(startedAtMs, earliestExpiryMs(accesses)) }
  }

  function createStore(
    identifier: TableIdentifier,
    vendedConfig: VendedConfig | null,
    initial: ExpiringValue<ObjectStore> | AppError | null,
  ) {
    let current = initial instanceof AppError ? initial : (initial?.value ?? openOwn(identifier))
    let last = vendedConfig
    const refreshing = createRefreshingValue(
      async () => {
        last = await fetchVendedConfig(identifier, last)
        const next = await buildStore(identifier, last)
        current = next.value
        return next
      },
      session.nowMs,
      initial instanceof AppError ? null : initial,
    )
    const store = refreshingStore(
      () => refreshing.get(),
      () => {
        if (current instanceof AppError) throw current
        return current
      },
    )
    storeCache.set(cacheKey(identifier), store)
    return store
  }

  function findCached(identifier: TableIdentifier): ObjectStore | null {
    if (!isDelegated) return openOwn(identifier)
    return storeCache.get(cacheKey(identifier)) ?? null
  }

  return {
    /** The cached store of a table; null when it has to be requested from the catalog. */
    found: findCached,
    /** The store of a table that was just loaded. */
    async openLoaded(identifier: TableIdentifier, vendedConfig: VendedConfig): Promise<ObjectStore> {
      if (!isDelegated) return openOwn(identifier)
      return createStore(identifier, vendedConfig, await catchAppError(buildStore(identifier, vendedConfig)))
    },
    /** The store of a table whose response had no vended config; it is requested again when a file is read. */
    openLazily: (identifier: TableIdentifier): ObjectStore =>
      isDelegated ? createStore(identifier, null, null) : openOwn(identifier),
    async open(identifier: TableIdentifier, options: ReadOptions = {}): Promise<ObjectStore> {
      const cached = findCached(identifier)
      if (cached) return cached
      const vendedConfig = await fetchVendedConfig(identifier, null, options)
      return createStore(identifier, vendedConfig, await catchAppError(buildStore(identifier, vendedConfig)))
    },
    forget(identifier: TableIdentifier): void {
      storeCache.delete(cacheKey(identifier))
    },
  }
}

export type TableStores = ReturnType<typeof tableStores>

async function catchAppError<T>(work: Promise<T>): Promise<T | AppError> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}

function cacheKey({ namespace, table }: TableIdentifier): string {
  return JSON.stringify([...namespace, table])
}
