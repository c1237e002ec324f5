import 'server-only'
import { AppError } from '@/lib/errors'
import { CATALOG_ABILITIES, type CatalogClient } from '../catalog-client'
import { commitTable } from './commit-table'
import { createTable } from './create-table'
import { loadTable, type Parts } from './load-table'
import { dropTable, renameTable } from './move-table'
import { createNamespace, dropNamespace, listNamespaces, loadNamespace, requireNamespace } from './namespaces'
import { readTableNames } from './rows'

/**
 * An Iceberg SQL catalog in our own database file: the tables PyIceberg's `SqlCatalog` and Java's `JdbcCatalog` use,
 * by the same rules, so that all of them may work on one file at once.
 */
export function embeddedCatalog(parts: Parts): CatalogClient {
  return {
    name: parts.name,
    kind: 'embedded',
    warehouse: parts.warehouse,
    listNamespaces: async (parent) => listNamespaces(parts, parent),
    loadNamespace: async (namespace) => loadNamespace(parts, namespace),
    createNamespace: (namespace, properties, options) => createNamespace(parts, namespace, properties, options),
    dropNamespace: (namespace, options) => dropNamespace(parts, namespace, options),
    async listTables(namespace) {
      requireNamespace(parts, namespace)
      return readTableNames(parts.database, parts.name, namespace).map((table) => ({
        catalog: parts.name,
        namespace,
        table,
      }))
    },
    loadTable: (ref, { signal } = {}) => loadTable(parts, ref, signal),
    createTable: (ref, table, options) => createTable(parts, ref, table, options),
    renameTable: (from, to, options) => renameTable(parts, from, to, options),
    dropTable: (ref, options) => dropTable(parts, ref, options),
    commitTable: (ref, change, options) => commitTable(parts, ref, change, options),
    abilities: async () => ABILITIES,
    openStore: async () => parts.store,
    updateNamespace: notYet,
    stageTable: notYet,
    registerTable: notYet,
    commitTables: notYet,
    listViews: async () => [],
    loadView: notYet,
    createView: notYet,
    registerView: notYet,
    commitView: notYet,
    renameView: notYet,
    dropView: notYet,
  }
}

const ABILITIES = new Set(CATALOG_ABILITIES)

function notYet(): Promise<never> {
  throw new AppError('not-supported', 'The embedded catalog cannot do this yet.')
}
