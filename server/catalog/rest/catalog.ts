import 'server-only'
import { AppError } from '@/lib/errors'
import type { MemoryPool } from '@/server/http-out/memory-pool'
import type { Log } from '@/server/log'
import type { CatalogClient } from '../port/catalog-client'
import type { WriteHandlers } from '../port/catalog-write'
import type { RequestOptions } from '../port/request-options'
import { Availability } from '../availability'
import type { Outbox } from '../port/outbox'
import { nullIfNotFound } from '../null-if-not-found'
import { tableFolders } from '../folders/table-folders'
import { ListedNames } from './listed-names'
import type { LoadedMetadataCache } from './loaded-metadata-cache'
import { toRestAccess } from './access'
import { commitPath, commitTable, commitTables } from './commit/commit-table'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { clock } from '@/server/timing/clock'
import { SEPARATE_FOLDERS } from '../folders/separate-folders'
import { abilitiesOf } from './http/endpoints'
import { isTimeout, restHttpClient, TIMEOUT_MS } from './http/client'
import { createNamespace, dropNamespace, listNamespaces, loadNamespace, updateNamespace } from './namespaces'
import { type RetryPolicy, pauseOrThrow } from './http/retry'
import { type ReadOptions, restSession } from './http/session'
import type { RestSettings } from './http/settings'
import { createTable, fetchVendedConfig, listTables, loadTable, registerTable, stageTable } from './tables'
import { pollMetadata } from './poll-metadata'
import { ReadGates } from './read-gates'
import type { RestDeps } from './rest-deps'
import { toPathNames } from './entries'
import { commitView } from './commit/commit-view'
import { findOutcome } from './find-outcome'
import { dropEntry, renameEntry } from './rename-and-drop'
import { PendingRequest } from './pending-request'
import { createView, listViews, loadView, registerView } from './views'
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

const WRITES: WriteHandlers<RestDeps, [PendingRequest]> = {
  'create-namespace': createNamespace,
  'update-namespace': updateNamespace,
  'drop-namespace': dropNamespace,
  'create-table': createTable,
  'register-table': registerTable,
  'commit-table': commitTable,
  'commit-tables': commitTables,
  'restore-metadata': async ({ session }) => {
    throw new AppError('not-supported', `The catalog ${session.name} cannot go back to an earlier metadata file.`)
  },
  'rename-table': renameEntry,
  'drop-table': dropEntry,
  'create-view': createView,
  'register-view': registerView,
  'commit-view': commitView,
  'rename-view': renameEntry,
  'drop-view': dropEntry,
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
  nowMs = clock.nowMs,
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
  const gates = new ReadGates()
  const stores = tableStores({ ...rest, session, gates }, (identifier, last, options) =>
    fetchVendedConfig({ session, gates }, identifier, last, options),
  )
  const listed = new ListedNames(nowMs)
  const deps: RestDeps = { session, stores, metadataCache: metadataCache.forClient(), gates }
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
    listNamespaces: (parent, options = {}) =>
      listed.read('namespaces', parent, options, (list) =>
        readWithDeadline(list, (readOptions) => listNamespaces(session, parent, readOptions)),
      ),
    loadNamespace: (namespace, options) =>
      readWithDeadline(options, (readOptions) => loadNamespace(session, namespace, readOptions)),
    listTables: (namespace, options = {}) =>
      listed.read('tables', namespace, options, (list) =>
        readWithDeadline(list, (readOptions) => listTables(session, namespace, readOptions)),
      ),
    loadTable: (identifier, options) =>
      readWithDeadline(options, (readOptions) => loadTable(deps, identifier, readOptions)),
    // No user waits for it, and its timeout does not keep others from the catalog.
    pollMetadata: (identifier, options) => pollMetadata(deps, identifier, options),
    stageTable: (identifier, table, options) => stageTable(deps, identifier, table, options),
    async checkNewFolders(identifier, locations, options) {
      // When a connection gets credentials for each table, only the catalog knows where tables may be.
      const store = await nullIfNotFound(() => openStore(identifier, options))
      for (const folder of tableFolders(locations)) store?.checkLocation(folder)
    },
    commitPath: (identifier, options) => commitPath(session, identifier, options),
    listViews: (namespace, options = {}) =>
      listed.read('views', namespace, options, (list) =>
        readWithDeadline(list, (readOptions) => listViews(session, namespace, readOptions)),
      ),
    loadView: (identifier, options) =>
      readWithDeadline(options, (readOptions) => loadView(session, identifier, readOptions)),
    write: (write, options = {}) =>
      PendingRequest.run(session, options.plan, (request) => WRITES[write.kind](deps, write, options, request)).finally(
        () => listed.clear(),
      ),
    restoresMetadata: false,
    findOutcome: (evidence, options) => findOutcome(deps, evidence, options),
  }
}
