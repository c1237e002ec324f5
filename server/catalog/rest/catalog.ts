import 'server-only'
import type { MemoryPool } from '@/server/http-out/memory-pool'
import type { Log } from '@/server/log'
import type { RequestOptions, CatalogClient } from '../catalog-client'
import { Availability } from '../availability'
import type { Outbox } from '../outbox'
import { nullIfNotFound } from '../null-if-not-found'
import { tableFolders } from '../folders/table-folders'
import type { LoadedMetadataCache } from './loaded-metadata-cache'
import { toRestAccess } from './access'
import { commitPath, commitTable, commitTables } from './commit/commit-table'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { SEPARATE_FOLDERS } from '../folders/separate-folders'
import { abilitiesOf } from './http/endpoints'
import { isTimeout, restHttpClient, TIMEOUT_MS } from './http/client'
import { createNamespace, dropNamespace, listNamespaces, loadNamespace, updateNamespace } from './namespaces'
import { type RetryPolicy, pauseOrThrow } from './http/retry'
import { type ReadOptions, restSession } from './http/session'
import type { RestSettings } from './http/settings'
import {
  createTable,
  dropTable,
  fetchVendedConfig,
  listTables,
  loadTable,
  registerTable,
  renameTable,
  stageTable,
  type RestTableDeps,
} from './tables'
import { toPathNames } from './entries'
import { commitView } from './commit/commit-view'
import { findOutcome } from './find-outcome'
import { createView, dropView, listViews, loadView, registerView, renameView } from './views'
import { type TableStoreDeps, tableStores } from './vended/table-stores'

export type RestCatalogDeps = TableStoreDeps & {
  name: string
  settings: RestSettings
  log: Log
  /** Shared by all connections. */
  metadataCache: LoadedMetadataCache
  /** Shared by all connections: limits the memory of their responses. */
  responsePool: MemoryPool
  outbox: Outbox
  /** Page size of lists. By default the catalog decides, because some catalogs refuse larger numbers. */
  pageSize?: number
  nowMs?: () => number
  pause?: (ms: number, signal?: AbortSignal) => Promise<void>
  retryPolicy?: RetryPolicy
}

/**
 * A client of any catalog that speaks the Iceberg REST protocol. It holds what the connection learns: tokens, the
 * catalog's configuration and credentials of tables. Each connection has its own client, and so has each person who
 * bound own credentials; clients are not shared between them.
 */
export function restCatalog({
  name,
  settings,
  log,
  metadataCache,
  responsePool,
  outbox,
  nowMs = Date.now,
  retryPolicy,
  ...rest
}: RestCatalogDeps): CatalogClient {
  const wait = rest.pause ?? pauseOrThrow
  const timeoutMs = retryPolicy
    ? { firstByte: retryPolicy.timeoutMs, read: retryPolicy.timeoutMs, write: retryPolicy.timeoutMs }
    : TIMEOUT_MS
  const http = restHttpClient({
    settings,
    nowMs,
    timeoutMs,
    responsePool,
    pause: wait,
    onResponse: () => availability.recordResponse(),
    ...(retryPolicy && { maxAttempts: retryPolicy.maxAttempts }),
  })
  const session = restSession({
    name,
    settings,
    http,
    log,
    nowMs,
    firstByteTimeoutMs: timeoutMs.firstByte,
    pageSize: rest.pageSize ?? null,
    pause: wait,
    outbox,
  })
  const availability = new Availability({ probe: (signal) => listNamespaces(session, null, { signal }), nowMs })
  const stores = tableStores(session, rest, (identifier, last, options) =>
    fetchVendedConfig(session, identifier, last, options),
  )
  const deps: RestTableDeps = { session, stores, metadataCache: metadataCache.forClient() }
  /**
   * Runs a read that a person waits for. All its requests share one deadline, and it fails at once when the catalog
   * timed out lately.
   */
  const readWithDeadline = <Result, Options extends RequestOptions>(
    options: Options | undefined,
    work: (readOptions: Options & ReadOptions) => Promise<Result>,
  ): Promise<Result> =>
    availability.guard(isTimeout, () =>
      work({ ...(options as Options), firstByteDeadlineMs: nowMs() + timeoutMs.firstByte }),
    )
  const openStore: CatalogClient['openStore'] = async (identifier, options) => {
    toPathNames(session, identifier)
    return stores.found(identifier) ?? readWithDeadline(options, (readOptions) => stores.open(identifier, readOptions))
  }
  return {
    name,
    kind: 'rest',
    warehouse: null,
    remote: toRestAccess(settings),
    availability,
    abilities: (options) =>
      readWithDeadline(options, async (readOptions) => abilitiesOf((await session.config(readOptions)).endpoints)),
    keepsFoldersSeparate: (options) =>
      readWithDeadline(
        options,
        async (readOptions) =>
          propertyValue((await session.config(readOptions)).properties, SEPARATE_FOLDERS) === 'true',
      ),
    openStore,
    listNamespaces: (parent, options) =>
      readWithDeadline(options, (readOptions) => listNamespaces(session, parent, readOptions)),
    loadNamespace: (namespace, options) =>
      readWithDeadline(options, (readOptions) => loadNamespace(session, namespace, readOptions)),
    createNamespace: (namespace, properties, options) => createNamespace(session, namespace, properties, options),
    updateNamespace: (namespace, change, options) => updateNamespace(session, namespace, change, options),
    dropNamespace: (namespace, options) => dropNamespace(session, namespace, options),
    listTables: (namespace, options) =>
      readWithDeadline(options, (readOptions) => listTables(session, namespace, readOptions)),
    loadTable: (identifier, options) =>
      readWithDeadline(options, (readOptions) => loadTable(deps, identifier, readOptions)),
    createTable: (identifier, table, options) => createTable(deps, identifier, table, options),
    stageTable: (identifier, table, options) => stageTable(deps, identifier, table, options),
    async checkNewFolders(identifier, locations, options) {
      // When a connection gets credentials for each table, only the catalog knows where tables may be.
      const store = await nullIfNotFound(() => openStore(identifier, options))
      for (const folder of tableFolders(locations)) store?.checkLocation(folder)
    },
    registerTable: (identifier, metadataLocation, options) =>
      registerTable(deps, identifier, metadataLocation, options),
    renameTable: (from, to, options) => renameTable(deps, from, to, options),
    dropTable: (identifier, options) => dropTable(deps, identifier, options),
    commitTable: (identifier, change, options) => commitTable(deps, identifier, change, options),
    commitPath: (identifier, options) => commitPath(session, identifier, options),
    commitTables: (commits, options) => commitTables(deps, commits, options),
    listViews: (namespace, options) =>
      readWithDeadline(options, (readOptions) => listViews(session, namespace, readOptions)),
    loadView: (identifier, options) =>
      readWithDeadline(options, (readOptions) => loadView(session, identifier, readOptions)),
    createView: (identifier, view, options) => createView(session, identifier, view, options),
    registerView: (identifier, metadataLocation, options) =>
      registerView(session, identifier, metadataLocation, options),
    commitView: (identifier, change, options) => commitView(session, identifier, change, options),
    renameView: (from, to, options) => renameView(session, from, to, options),
    dropView: (identifier, options) => dropView(session, identifier, options),
    findOutcome: (evidence, options) => findOutcome(deps, evidence, options),
  }
}
