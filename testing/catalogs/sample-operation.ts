import type { JsonObject } from '@/lib/iceberg/json/json'
import { joinNamespace, splitNamespace } from '@/lib/names/identifiers'
import { OPERATIONS, type Operation } from '@/server/iceberg-rest/operations'
import type { RestClient, RestReply } from './rest-client'

/** Requests of each operation of the Iceberg REST catalog, for tests that send all of them. */

export const SCHEMA = { type: 'struct', 'schema-id': 0, fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
export const VERSION = {
  'version-id': 1,
  'timestamp-ms': 1,
  'schema-id': 0,
  summary: {},
  representations: [{ type: 'sql', sql: 'select 1', dialect: 'spark' }],
  'default-namespace': [],
}
export const SET = { action: 'set-properties', updates: { a: '1' } }

/**
 * `namespace` as in a URL, its levels separated by U+001F; `table` is the name of a view, too. With `warehouse`, a
 * metadata file to register is in the table's folder there.
 */
export type OperationTarget = { catalog?: string; namespace: string; table: string; warehouse?: string }

const NONE = () => undefined
const REGISTER = ({ warehouse = 'file:///nowhere', namespace, table }: OperationTarget) => ({
  name: table,
  'metadata-location': [warehouse, ...splitNamespace(namespace), table, 'metadata', 'm.json'].join('/'),
})
const COMMIT = () => ({ requirements: [], updates: [SET] })
const identifierOf = ({ namespace, table }: OperationTarget) => ({
  namespace: [...splitNamespace(namespace)],
  name: table,
})
const RENAME = (target: OperationTarget) => ({ source: identifierOf(target), destination: identifierOf(target) })

/** The body of each operation. It names the target of the path where it names any, so a new operation needs one here. */
const BODIES: Record<keyof typeof OPERATIONS, (target: OperationTarget) => JsonObject | undefined> = {
  getConfig: NONE,
  getToken: NONE,
  listNamespaces: NONE,
  createNamespace: ({ namespace }) => ({ namespace: [...splitNamespace(namespace)] }),
  loadNamespaceMetadata: NONE,
  namespaceExists: NONE,
  dropNamespace: NONE,
  updateProperties: () => ({ updates: {}, removals: [] }),
  listTables: NONE,
  createTable: ({ table }) => ({ name: table, schema: SCHEMA }),
  registerTable: REGISTER,
  loadTable: NONE,
  tableExists: NONE,
  updateTable: COMMIT,
  dropTable: NONE,
  unregisterTable: () => ({}),
  loadCredentials: NONE,
  signRequest: () => ({ region: 'x', uri: 'http://s3/b/k', method: 'GET', headers: {} }),
  planTableScan: NONE,
  fetchPlanningResult: NONE,
  cancelPlanning: NONE,
  fetchScanTasks: () => ({ 'plan-task': 'none' }),
  reportMetrics: () => ({ 'report-type': 'scan-report' }),
  renameTable: RENAME,
  commitTransaction: (target) => ({ 'table-changes': [{ identifier: identifierOf(target), ...COMMIT() }] }),
  listViews: NONE,
  createView: ({ table }) => ({ name: table, schema: SCHEMA, 'view-version': VERSION }),
  registerView: REGISTER,
  loadView: NONE,
  viewExists: NONE,
  replaceView: COMMIT,
  dropView: NONE,
  renameView: RENAME,
}

export function sendOperation(
  client: RestClient,
  operation: Operation,
  target: OperationTarget,
  body = BODIES[operation.id as keyof typeof OPERATIONS](target),
): Promise<RestReply> {
  const { catalog = 'local', table } = target
  const namespace = encodeURIComponent(joinNamespace(splitNamespace(target.namespace)))
  const path = operation.path
    .slice('/v1/'.length)
    .replace('{prefix}', catalog)
    .replace('{namespace}', namespace)
    .replace('{table}', table)
    .replace('{view}', table)
  return client(operation.method, path, { ...(body && { body }) })
}
