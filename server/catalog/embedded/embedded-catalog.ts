import 'server-only'
import { asViewIdentifier, joinNamespace, type Namespace, type TableIdentifier } from '@/lib/names/identifiers'
import { readNames, readVersions, type RowKind } from '@/server/db/catalog/table-rows'
import { CATALOG_ABILITIES, type CatalogAbility } from '@/lib/contract/catalogs'
import type { CatalogClient } from '../port/catalog-client'
import type { Page, PageRequest } from '../port/catalog-lists'
import type { WriteHandlers } from '../port/catalog-write'
import { checkNewFolders } from './new-names'
import { commitTable, commitTables } from './commit-table'
import { createTable, stageTable } from './create-table'
import { loadTable, type EmbeddedCatalogDeps } from './load-table'
import { folderPath } from './folders/choose-location'
import { readOwnership } from './folders/read-ownership'
import { dropEntry, renameEntry } from './rename-and-drop'
import {
  countContents,
  createNamespace,
  dropNamespace,
  listNamespaces,
  loadNamespace,
  listNamespacePage,
  requireNamespace,
  updateNamespace,
} from './namespaces'
import { createPurgeSupport } from './purge-support'
import { registerTable } from './register-table'
import { restoreMetadata } from './restore-metadata'
import { commitView, createView, loadView, registerView } from './views'

const ABILITIES: ReadonlySet<CatalogAbility> = new Set(CATALOG_ABILITIES)

const WRITES: WriteHandlers<EmbeddedCatalogDeps> = {
  'create-namespace': createNamespace,
  'update-namespace': updateNamespace,
  'drop-namespace': dropNamespace,
  'create-table': createTable,
  'register-table': registerTable,
  'commit-table': commitTable,
  'commit-tables': commitTables,
  'restore-metadata': restoreMetadata,
  'rename-table': renameEntry,
  'drop-table': dropEntry,
  'create-view': createView,
  'register-view': registerView,
  'commit-view': commitView,
  'rename-view': renameEntry,
  'drop-view': dropEntry,
}

/**
 * An Iceberg SQL catalog in our own database. It uses the same tables as PyIceberg's `SqlCatalog` and Java's
 * `JdbcCatalog`, by the same rules, so that all of them can work on one database at once.
 */
export function embeddedCatalog(deps: EmbeddedCatalogDeps): CatalogClient {
  const listRows = async (namespace: Namespace, kind: RowKind) => {
    await requireNamespace(deps, namespace)
    const names = await readNames(deps.database, deps.name, namespace, kind)
    return names.map((table): TableIdentifier => ({ catalog: deps.name, namespace, table }))
  }
  const listRowPage = async (
    namespace: Namespace,
    kind: RowKind,
    { after, limit }: PageRequest,
  ): Promise<Page<TableIdentifier>> => {
    await requireNamespace(deps, namespace)
    // One extra row tells whether there is a next page.
    const names = await readNames(deps.database, deps.name, namespace, kind, { after, limit: limit + 1 })
    const items = names.slice(0, limit).map((table) => ({ catalog: deps.name, namespace, table }))
    return { items, next: names.length > limit ? (items.at(-1)?.table ?? null) : null }
  }
  return {
    name: deps.name,
    kind: 'embedded',
    warehouse: deps.warehouse,
    abilities: async () => ABILITIES,
    openStore: async () => deps.store,
    listNamespaces: (parent) => listNamespaces(deps, parent),
    loadNamespace: (namespace) => loadNamespace(deps, namespace),
    namespaceLocation: (namespace) => folderPath(deps.warehouse, namespace),
    countContents: (parent, namespaces) => countContents(deps, parent, namespaces),
    pages: {
      namespaces: (parent, page) => listNamespacePage(deps, parent, page),
      tables: (namespace, page) => listRowPage(namespace, 'table', page),
      views: async (namespace, page) => {
        const { items, next } = await listRowPage(namespace, 'view', page)
        return { items: items.map(asViewIdentifier), next }
      },
    },
    listVersions: (namespace) => readVersions(deps.database, deps.name, namespace),
    listTables: (namespace) => listRows(namespace, 'table'),
    loadTable: (identifier, { signal } = {}) => loadTable(deps, identifier, signal),
    stageTable: (identifier, table) => stageTable(deps, identifier, table),
    checkNewFolders: (identifier, locations) => checkNewFolders(deps, identifier, locations),
    purgeSupport: createPurgeSupport(deps),
    warehouseSupport: { store: deps.store, readOwnership: (folders) => readOwnership(deps, folders) },
    // As in Lakeshore's own REST catalog: the catalog's name is the prefix.
    commitPath: async ({ namespace, table }) => {
      const path = [deps.name, 'namespaces', joinNamespace(namespace), 'tables', table]
      return `/v1/${path.map(encodeURIComponent).join('/')}`
    },
    listViews: async (namespace) => (await listRows(namespace, 'view')).map(asViewIdentifier),
    loadView: (identifier, { signal } = {}) => loadView(deps, identifier, signal),
    write: (write, options = {}) => WRITES[write.kind](deps, write, options),
    restoresMetadata: true,
  }
}
