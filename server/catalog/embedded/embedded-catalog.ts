import 'server-only'
import {
  asTableIdentifier,
  asViewIdentifier,
  joinNamespace,
  type Namespace,
  type TableIdentifier,
  type ViewIdentifier,
} from '@/lib/names/identifiers'
import { readNames, readVersions, type RowKind } from '@/server/db/catalog/table-rows'
import { CATALOG_ABILITIES, type CatalogClient, type Page, type PageRequest, type RowOptions } from '../catalog-client'
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

const ABILITIES: ReadonlySet<(typeof CATALOG_ABILITIES)[number]> = new Set(CATALOG_ABILITIES)

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
    createNamespace: (namespace, properties, options) => createNamespace(deps, namespace, properties, options),
    updateNamespace: (namespace, change, options) => updateNamespace(deps, namespace, change, options),
    dropNamespace: (namespace, options) => dropNamespace(deps, namespace, options),
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
    createTable: (identifier, table, options) => createTable(deps, identifier, table, options),
    stageTable: (identifier, table) => stageTable(deps, identifier, table),
    checkNewFolders: (identifier, locations) => checkNewFolders(deps, identifier, locations),
    registerTable: (identifier, metadataLocation, options) =>
      registerTable(deps, identifier, metadataLocation, options),
    renameTable: (from, to, options) => renameEntry(deps, 'table', { from, to }, options),
    purgeSupport: createPurgeSupport(deps),
    warehouseSupport: { store: deps.store, readOwnership: (folders) => readOwnership(deps, folders) },
    dropTable: (identifier, options) => dropEntry(deps, 'table', identifier, options),
    commitTable: (identifier, change, options) => commitTable(deps, identifier, change, options),
    restoreMetadata: (identifier, version, options) => restoreMetadata(deps, identifier, version, options),
    // As in Lakeshore's own REST catalog: the catalog's name is the prefix.
    commitPath: async ({ namespace, table }) => {
      const path = [deps.name, 'namespaces', joinNamespace(namespace), 'tables', table]
      return `/v1/${path.map(encodeURIComponent).join('/')}`
    },
    commitTables: (commits, options) => commitTables(deps, commits, options),
    listViews: async (namespace) => (await listRows(namespace, 'view')).map(asViewIdentifier),
    loadView: (identifier, { signal } = {}) => loadView(deps, identifier, signal),
    createView: (identifier, view, options) => createView(deps, identifier, view, options),
    registerView: (identifier, metadataLocation, options) => registerView(deps, identifier, metadataLocation, options),
    commitView: (identifier, change, options) => commitView(deps, identifier, change, options),
    renameView: (from, to, options) =>
      renameEntry(deps, 'view', { from: asTableIdentifier(from), to: asTableIdentifier(to) }, asRowOptions(options)),
    dropView: (identifier, options) => dropEntry(deps, 'view', asTableIdentifier(identifier), asRowOptions(options)),
  }
}

function asRowOptions({ alongside, ...options }: RowOptions<ViewIdentifier> = {}): RowOptions {
  return {
    ...options,
    ...(alongside && {
      alongside: ({ identifier, ...row }) => alongside({ identifier: asViewIdentifier(identifier), ...row }),
    }),
  }
}
