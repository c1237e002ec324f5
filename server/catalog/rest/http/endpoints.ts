import 'server-only'
import type { CatalogAbility } from '@/lib/contract/catalogs'

/**
 * The operations of the protocol as `/v1/config` advertises them: method and path, with placeholders for names.
 *
 * Spec: REST `open-api`, schema `CatalogConfig`, field `endpoints`.
 */
export const ENDPOINTS = {
  listNamespaces: 'GET /v1/{prefix}/namespaces',
  createNamespace: 'POST /v1/{prefix}/namespaces',
  loadNamespace: 'GET /v1/{prefix}/namespaces/{namespace}',
  dropNamespace: 'DELETE /v1/{prefix}/namespaces/{namespace}',
  updateProperties: 'POST /v1/{prefix}/namespaces/{namespace}/properties',
  listTables: 'GET /v1/{prefix}/namespaces/{namespace}/tables',
  createTable: 'POST /v1/{prefix}/namespaces/{namespace}/tables',
  loadTable: 'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}',
  updateTable: 'POST /v1/{prefix}/namespaces/{namespace}/tables/{table}',
  dropTable: 'DELETE /v1/{prefix}/namespaces/{namespace}/tables/{table}',
  registerTable: 'POST /v1/{prefix}/namespaces/{namespace}/register',
  reportMetrics: 'POST /v1/{prefix}/namespaces/{namespace}/tables/{table}/metrics',
  renameTable: 'POST /v1/{prefix}/tables/rename',
  commitTransaction: 'POST /v1/{prefix}/transactions/commit',
  loadCredentials: 'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}/credentials',
  listViews: 'GET /v1/{prefix}/namespaces/{namespace}/views',
  createView: 'POST /v1/{prefix}/namespaces/{namespace}/views',
  loadView: 'GET /v1/{prefix}/namespaces/{namespace}/views/{view}',
  replaceView: 'POST /v1/{prefix}/namespaces/{namespace}/views/{view}',
  dropView: 'DELETE /v1/{prefix}/namespaces/{namespace}/views/{view}',
  registerView: 'POST /v1/{prefix}/namespaces/{namespace}/register-view',
  renameView: 'POST /v1/{prefix}/views/rename',
} as const

export type Endpoint = (typeof ENDPOINTS)[keyof typeof ENDPOINTS]

/** Endpoints that respond with the metadata of a table or view, which may be large. */
export const METADATA_ENDPOINTS: ReadonlySet<Endpoint> = new Set([
  ENDPOINTS.createTable,
  ENDPOINTS.loadTable,
  ENDPOINTS.updateTable,
  ENDPOINTS.registerTable,
  ENDPOINTS.createView,
  ENDPOINTS.loadView,
  ENDPOINTS.replaceView,
  ENDPOINTS.registerView,
])

/** The endpoints of a catalog that advertises none: the specification's default list, which has no views. */
export const DEFAULT_ENDPOINTS: readonly Endpoint[] = [
  ENDPOINTS.listNamespaces,
  ENDPOINTS.createNamespace,
  ENDPOINTS.loadNamespace,
  ENDPOINTS.dropNamespace,
  ENDPOINTS.updateProperties,
  ENDPOINTS.listTables,
  ENDPOINTS.createTable,
  ENDPOINTS.loadTable,
  ENDPOINTS.updateTable,
  ENDPOINTS.dropTable,
  ENDPOINTS.registerTable,
  ENDPOINTS.reportMetrics,
  ENDPOINTS.renameTable,
  ENDPOINTS.commitTransaction,
]

const ENDPOINT_BY_ABILITY: Readonly<Record<CatalogAbility, Endpoint>> = {
  'create-namespace': ENDPOINTS.createNamespace,
  'update-namespace': ENDPOINTS.updateProperties,
  'drop-namespace': ENDPOINTS.dropNamespace,
  'create-table': ENDPOINTS.createTable,
  'register-table': ENDPOINTS.registerTable,
  'rename-table': ENDPOINTS.renameTable,
  'drop-table': ENDPOINTS.dropTable,
  'purge-table': ENDPOINTS.dropTable,
  'commit-table': ENDPOINTS.updateTable,
  'commit-tables': ENDPOINTS.commitTransaction,
  views: ENDPOINTS.listViews,
  'create-view': ENDPOINTS.createView,
  'commit-view': ENDPOINTS.replaceView,
  'rename-view': ENDPOINTS.renameView,
  'drop-view': ENDPOINTS.dropView,
}

export function abilitiesOf(endpoints: ReadonlySet<string>): ReadonlySet<CatalogAbility> {
  const abilities = Object.entries(ENDPOINT_BY_ABILITY) as [CatalogAbility, Endpoint][]
  return new Set(abilities.filter(([, endpoint]) => endpoints.has(endpoint)).map(([ability]) => ability))
}
