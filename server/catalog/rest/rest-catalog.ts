import 'server-only'
import type { Statement } from '@/server/db/database'
import { storeForAll } from '@/server/storage/open-store'
import type { CatalogClient } from '../catalog-client'
import { Contact } from '../contact'
import { loadedMetadata } from './loaded-metadata'
import { restAccess } from './rest-access'
import { commitPath, commitTable, commitTables } from './rest-commit'
import { abilitiesOf, ENDPOINTS } from './rest-endpoints'
import { restHttp } from './rest-http'
import { createNamespace, dropNamespace, listNamespaces, loadNamespace, updateNamespace } from './rest-namespaces'
import { type Patience, pause } from './rest-retry'
import { restSession } from './rest-session'
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

export type RestCatalog = Omit<StorageParts, 'storeForAll'> & {
  name: string
  settings: RestSettings
  /** Rows of our own state that belong to a change: called once the catalog acknowledged it. */
  writeAlongside: (statements: readonly Statement[]) => Promise<unknown>
  storeForAll?: StorageParts['storeForAll']
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
  writeAlongside,
  nowMs = Date.now,
  patience,
  ...rest
}: RestCatalog): CatalogClient {
  const waits = rest.pause ?? pause
  const http = restHttp({
    settings,
    nowMs,
    pause: waits,
    onAnswer: () => contact.hear(),
    ...(patience && {
      mostTries: patience.mostTries,
      timeoutMs: { heard: patience.timeoutMs, read: patience.timeoutMs, write: patience.timeoutMs },
    }),
  })
  const session = restSession({
    name,
    settings,
    http,
    nowMs,
    pageSize: rest.pageSize ?? null,
    pause: waits,
    writeAlongside,
  })
  const contact = new Contact({ ask: (signal) => listNamespaces(session, null, { signal }), nowMs })
  const stores = tableStores(session, { storeForAll, ...rest }, (ref, last, signal) =>
    fetchHandedOut(session, ref, last, signal),
  )
  const parts: TableParts = { session, stores, loadedBefore: loadedMetadata() }
  return {
    name,
    kind: 'rest',
    warehouse: null,
    remote: restAccess(settings),
    contact,
    abilities: async (asked) => abilitiesOf((await session.config(asked)).endpoints),
    async openStore(ref, { signal } = {}) {
      namesOf(session, ref)
      return stores.open(ref, signal)
    },
    listNamespaces: (parent, asked) => listNamespaces(session, parent, asked),
    loadNamespace: (namespace, asked) => loadNamespace(session, namespace, asked),
    createNamespace: (namespace, properties, options) => createNamespace(session, namespace, properties, options),
    updateNamespace: (namespace, change, options) => updateNamespace(session, namespace, change, options),
    dropNamespace: (namespace, options) => dropNamespace(session, namespace, options),
    listTables: (namespace, asked) => listNames(session, ENDPOINTS.listTables, namespace, asked),
    loadTable: (ref, asked) => loadTable(parts, ref, asked),
    createTable: (ref, table, options) => createTable(parts, ref, table, options),
    stageTable: (ref, table, asked) => stageTable(parts, ref, table, asked),
    registerTable: (ref, metadataLocation, options) => registerTable(parts, ref, metadataLocation, options),
    renameTable: (from, to, options) => renameTable(parts, from, to, options),
    dropTable: (ref, options) => dropTable(parts, ref, options),
    commitTable: (ref, change, options) => commitTable(parts, ref, change, options),
    commitPath: (ref, asked) => commitPath(session, ref, asked),
    commitTables: (commits, options) => commitTables(parts, commits, options),
    listViews: (namespace, asked) => listViews(session, namespace, asked),
    loadView: (ref, asked) => loadView(session, ref, asked),
    createView: (ref, view, options) => createView(session, ref, view, options),
    registerView: (ref, metadataLocation, options) => registerView(session, ref, metadataLocation, options),
    commitView: (ref, change, options) => commitView(session, ref, change, options),
    renameView: (from, to, options) => renameView(session, from, to, options),
    dropView: (ref, options) => dropView(session, ref, options),
  }
}
