import 'server-only'
import { joinNamespace } from '@/lib/iceberg/identifiers'
import { readNames, type RowKind } from '@/server/db/catalog-rows'
import { CATALOG_ABILITIES, type CatalogClient, type NamePage } from '../catalog-client'
import { commitTable, commitTables } from './commit-table'
import { createTable, stageTable } from './create-table'
import { loadTable, type Parts } from './load-table'
import { folderOf } from './location'
import { drop, rename } from './move'
import {
  countContents,
  createNamespace,
  dropNamespace,
  listNamespaces,
  loadNamespace,
  pageOfNamespaces,
  requireNamespace,
  updateNamespace,
} from './namespaces'
import { purgingOf } from './purging'
import { registerTable } from './register-table'
import { commitView, createView, loadView, registerView } from './views'

const ABILITIES: ReadonlySet<(typeof CATALOG_ABILITIES)[number]> = new Set(CATALOG_ABILITIES)

/**
 * An Iceberg SQL catalog in our own database file: the tables PyIceberg's `SqlCatalog` and Java's `JdbcCatalog` use,
 * by the same rules, so that all of them may work on one file at once.
 */
export function embeddedCatalog(parts: Parts): CatalogClient {
  const list = async (namespace: readonly string[], kind: RowKind) => {
    await requireNamespace(parts, namespace)
    const names = await readNames(parts.database, parts.name, namespace, kind)
    return names.map((table) => ({ catalog: parts.name, namespace, table }))
  }
  const pageOf = async (namespace: readonly string[], kind: RowKind, { after, limit }: NamePage) => {
    await requireNamespace(parts, namespace)
    // One more says whether there is a next page.
    const names = await readNames(parts.database, parts.name, namespace, kind, { after, limit: limit + 1 })
    const items = names.slice(0, limit).map((table) => ({ catalog: parts.name, namespace, table }))
    return { items, next: names.length > limit ? (items.at(-1)?.table ?? null) : null }
  }
  return {
    name: parts.name,
    kind: 'embedded',
    warehouse: parts.warehouse,
    abilities: async () => ABILITIES,
    openStore: async () => parts.store,
    listNamespaces: (parent) => listNamespaces(parts, parent),
    loadNamespace: (namespace) => loadNamespace(parts, namespace),
    namespaceLocation: (namespace) => folderOf(parts.warehouse, namespace),
    createNamespace: (namespace, properties, options) => createNamespace(parts, namespace, properties, options),
    updateNamespace: (namespace, change, options) => updateNamespace(parts, namespace, change, options),
    dropNamespace: (namespace, options) => dropNamespace(parts, namespace, options),
    countContents: (parent, namespaces) => countContents(parts, parent, namespaces),
    pages: {
      namespaces: (parent, page) => pageOfNamespaces(parts, parent, page),
      tables: (namespace, page) => pageOf(namespace, 'table', page),
      views: (namespace, page) => pageOf(namespace, 'view', page),
    },
    listTables: (namespace) => list(namespace, 'table'),
    loadTable: (ref, { signal } = {}) => loadTable(parts, ref, signal),
    createTable: (ref, table, options) => createTable(parts, ref, table, options),
    stageTable: (ref, table) => stageTable(parts, ref, table),
    registerTable: (ref, metadataLocation, options) => registerTable(parts, ref, metadataLocation, options),
    renameTable: (from, to, options) => rename(parts, 'table', { from, to }, options),
    purging: purgingOf(parts),
    dropTable: (ref, options) => drop(parts, 'table', ref, options),
    commitTable: (ref, change, options) => commitTable(parts, ref, change, options),
    // As Lakeshore's own REST catalog has it: the catalog's name is the prefix.
    commitPath: async ({ namespace, table }) => {
      const path = [parts.name, 'namespaces', joinNamespace(namespace), 'tables', table]
      return `/v1/${path.map(encodeURIComponent).join('/')}`
    },
    commitTables: (commits, options) => commitTables(parts, commits, options),
    listViews: (namespace) => list(namespace, 'view'),
    loadView: (ref, { signal } = {}) => loadView(parts, ref, signal),
    createView: (ref, view, options) => createView(parts, ref, view, options),
    registerView: (ref, metadataLocation, options) => registerView(parts, ref, metadataLocation, options),
    commitView: (ref, change, options) => commitView(parts, ref, change, options),
    renameView: (from, to, options) => rename(parts, 'view', { from, to }, options),
    dropView: (ref, options) => drop(parts, 'view', ref, options),
  }
}
