import 'server-only'
import type { Change } from '@/server/db/database'
import type { Log } from '@/server/log'
import type { Asked, CatalogClient } from '../catalog-client'
import { Contact } from '../contact'
import type { LoadedMetadataCache } from './loaded-metadata'
import { restAccess } from './rest-access'
import { commitPath, commitTable, commitTables } from './rest-commit'
import { abilitiesOf, ENDPOINTS } from './rest-endpoints'
import { isSilence, restHttp, TIMEOUT_MS } from './rest-http'
import { createNamespace, dropNamespace, listNamespaces, loadNamespace, updateNamespace } from './rest-namespaces'
import { type Patience, pause } from './rest-retry'
import { type Reading, restSession } from './rest-session'
import type { RestSettings } from './rest-settings'
import {
  createTable,
  dropTable,
  fetchHandedOut,
  listNames,
  loadTable,
  namesOf,
  registerTable,
  renameTable,
  stageTable,
  type TableParts,
} from './rest-tables'
import { commitView } from './rest-view-commit'
import { createView, dropView, listViews, loadView, registerView, renameView } from './rest-views'
import { type StorageParts, tableStores } from './table-stores'

export type RestCatalog = StorageParts & {
  name: string
  settings: RestSettings
  log: Log
  /** Of all connections together. */
  metadataCache: LoadedMetadataCache
  /** Rows of our own state that belong to a change: called once the catalog acknowledged it. */
  writeAlongside: (changes: readonly Change[]) => Promise<unknown>
  /** Names asked for at once in a list; without it as many as the catalog likes, some refuse larger numbers. */
  pageSize?: number
  nowMs?: () => number
  pause?: (ms: number, signal?: AbortSignal) => Promise<void>
  patience?: Patience
}

/**
 * Any catalog that speaks the Iceberg REST protocol. Holds what the connection learns (tokens, the catalog's
 * configuration, credentials of tables), for as long as it is held: one is made for each connection and for each
 * person who bound credentials of their own, and not shared between them.
 */
export function restCatalog({
  name,
  settings,
  log,
  metadataCache,
  writeAlongside,
  nowMs = Date.now,
  patience,
  ...rest
}: RestCatalog): CatalogClient {
  const waits = rest.pause ?? pause
  const timeoutMs = patience
    ? { heard: patience.timeoutMs, read: patience.timeoutMs, write: patience.timeoutMs }
    : TIMEOUT_MS
  const http = restHttp({
    settings,
    nowMs,
    timeoutMs,
    pause: waits,
    onAnswer: () => contact.hear(),
    ...(patience && { mostTries: patience.mostTries }),
  })
  const session = restSession({
    name,
    settings,
    http,
    log,
    nowMs,
    heardMs: timeoutMs.heard,
    pageSize: rest.pageSize ?? null,
    pause: waits,
    writeAlongside,
  })
  const contact = new Contact({ ask: (signal) => listNamespaces(session, null, { signal }), nowMs })
  const stores = tableStores(session, rest, (ref, last, asked) => fetchHandedOut(session, ref, last, asked))
  const parts: TableParts = { session, stores, loadedBefore: metadataCache.ofClient() }
  /** What somebody waits for is asked for within one time, and not of a catalog that was silent a moment ago. */
  const read = <Result, Options extends Asked>(
    asked: Options | undefined,
    work: (reading: Options & Reading) => Promise<Result>,
  ): Promise<Result> =>
    contact.ask(isSilence, () => work({ ...(asked as Options), heardByMs: nowMs() + timeoutMs.heard }))
  return {
    name,
    kind: 'rest',
    warehouse: null,
    remote: restAccess(settings),
    contact,
    abilities: (asked) => read(asked, async (reading) => abilitiesOf((await session.config(reading)).endpoints)),
    async openStore(ref, asked) {
      namesOf(session, ref)
      return stores.found(ref) ?? read(asked, (reading) => stores.open(ref, reading))
    },
    listNamespaces: (parent, asked) => read(asked, (reading) => listNamespaces(session, parent, reading)),
    loadNamespace: (namespace, asked) => read(asked, (reading) => loadNamespace(session, namespace, reading)),
    createNamespace: (namespace, properties, options) => createNamespace(session, namespace, properties, options),
    updateNamespace: (namespace, change, options) => updateNamespace(session, namespace, change, options),
    dropNamespace: (namespace, options) => dropNamespace(session, namespace, options),
    listTables: (namespace, asked) =>
      read(asked, (reading) => listNames(session, ENDPOINTS.listTables, namespace, reading)),
    loadTable: (ref, asked) => read(asked, (reading) => loadTable(parts, ref, reading)),
    createTable: (ref, table, options) => createTable(parts, ref, table, options),
    stageTable: (ref, table, asked) => stageTable(parts, ref, table, asked),
    registerTable: (ref, metadataLocation, options) => registerTable(parts, ref, metadataLocation, options),
    renameTable: (from, to, options) => renameTable(parts, from, to, options),
    dropTable: (ref, options) => dropTable(parts, ref, options),
    commitTable: (ref, change, options) => commitTable(parts, ref, change, options),
    commitPath: (ref, asked) => commitPath(session, ref, asked),
    commitTables: (commits, options) => commitTables(parts, commits, options),
    listViews: (namespace, asked) => read(asked, (reading) => listViews(session, namespace, reading)),
    loadView: (ref, asked) => read(asked, (reading) => loadView(session, ref, reading)),
    createView: (ref, view, options) => createView(session, ref, view, options),
    registerView: (ref, metadataLocation, options) => registerView(session, ref, metadataLocation, options),
    commitView: (ref, change, options) => commitView(session, ref, change, options),
    renameView: (from, to, options) => renameView(session, from, to, options),
    dropView: (ref, options) => dropView(session, ref, options),
  }
}
