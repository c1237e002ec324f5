import 'server-only'
import type { Permission } from '@/lib/permissions'

/**
 * The operations of the Iceberg REST catalog that Lakeshore serves, as data: `/v1/config` advertises them, they define
 * the permissions, and tests iterate over them. SQL functions are not served.
 *
 * Spec: Iceberg REST `open-api/rest-catalog-open-api.yaml`; ids and paths are taken from it.
 */
export type Operation = {
  id: string
  method: 'GET' | 'HEAD' | 'POST' | 'DELETE'
  /** Relative to the server's base URL, with the specification's parameters. */
  path: `/v1/${string}`
  /**
   * Required on the resources in the path and body. `signed-in`: any valid token; the catalog returns the visible part
   * of lists and namespaces. `none`: no token.
   */
  permission: Permission | 'signed-in' | 'none'
  /** Whether an `Idempotency-Key` makes a difference: where the specification allows it, and a repetition would. */
  canHaveIdempotencyKey: boolean
  /** Whether its outcome matters when its response is lost. */
  isWrite: boolean
}

const NAMESPACES = '/v1/{prefix}/namespaces'
const NAMESPACE = `${NAMESPACES}/{namespace}` as const
const TABLE = `${NAMESPACE}/tables/{table}` as const
const VIEW = `${NAMESPACE}/views/{view}` as const

export const OPERATIONS = {
  getConfig: operation('getConfig', 'GET', '/v1/config', 'signed-in'),
  getToken: operation('getToken', 'POST', '/v1/oauth/tokens', 'none'),

  listNamespaces: operation('listNamespaces', 'GET', NAMESPACES, 'signed-in'),
  createNamespace: keyedOperation('createNamespace', 'POST', NAMESPACES, 'table:write'),
  loadNamespaceMetadata: operation('loadNamespaceMetadata', 'GET', NAMESPACE, 'signed-in'),
  namespaceExists: operation('namespaceExists', 'HEAD', NAMESPACE, 'signed-in'),
  dropNamespace: keyedOperation('dropNamespace', 'DELETE', NAMESPACE, 'table:maintain'),
  updateProperties: keyedOperation('updateProperties', 'POST', `${NAMESPACE}/properties`, 'table:write'),

  listTables: operation('listTables', 'GET', `${NAMESPACE}/tables`, 'signed-in'),
  createTable: keyedOperation('createTable', 'POST', `${NAMESPACE}/tables`, 'table:write'),
  registerTable: keyedOperation('registerTable', 'POST', `${NAMESPACE}/register`, 'table:write'),
  loadTable: operation('loadTable', 'GET', TABLE, 'table:read'),
  tableExists: operation('tableExists', 'HEAD', TABLE, 'table:read'),
  updateTable: keyedOperation('updateTable', 'POST', TABLE, 'table:write'),
  dropTable: keyedOperation('dropTable', 'DELETE', TABLE, 'table:maintain'),
  unregisterTable: keyedOperation('unregisterTable', 'POST', `${TABLE}/unregister`, 'table:maintain'),
  loadCredentials: operation('loadCredentials', 'GET', `${TABLE}/credentials`, 'table:read'),
  signRequest: operation('signRequest', 'POST', `${TABLE}/sign`, 'table:read'),
  planTableScan: planning('planTableScan', 'POST', `${TABLE}/plan`),
  fetchPlanningResult: planning('fetchPlanningResult', 'GET', `${TABLE}/plan/{plan-id}`),
  cancelPlanning: planning('cancelPlanning', 'DELETE', `${TABLE}/plan/{plan-id}`),
  fetchScanTasks: planning('fetchScanTasks', 'POST', `${TABLE}/tasks`),
  reportMetrics: operation('reportMetrics', 'POST', `${TABLE}/metrics`, 'table:read'),
  renameTable: keyedOperation('renameTable', 'POST', '/v1/{prefix}/tables/rename', 'table:maintain'),
  commitTransaction: keyedOperation('commitTransaction', 'POST', '/v1/{prefix}/transactions/commit', 'table:write'),

  listViews: operation('listViews', 'GET', `${NAMESPACE}/views`, 'signed-in'),
  createView: operation('createView', 'POST', `${NAMESPACE}/views`, 'table:write'),
  registerView: keyedOperation('registerView', 'POST', `${NAMESPACE}/register-view`, 'table:write'),
  loadView: operation('loadView', 'GET', VIEW, 'table:read'),
  viewExists: operation('viewExists', 'HEAD', VIEW, 'table:read'),
  replaceView: keyedOperation('replaceView', 'POST', VIEW, 'table:write'),
  dropView: keyedOperation('dropView', 'DELETE', VIEW, 'table:maintain'),
  renameView: keyedOperation('renameView', 'POST', '/v1/{prefix}/views/rename', 'table:maintain'),
} as const satisfies Record<string, Operation>

type OperationFlags = Pick<Operation, 'canHaveIdempotencyKey' | 'isWrite'>

function operation<const Id extends string>(
  id: Id,
  method: Operation['method'],
  path: Operation['path'],
  permission: Operation['permission'],
  flags: Partial<OperationFlags> = {},
): Operation & { id: Id } {
  const isWrite = method === 'POST' || method === 'DELETE'
  return { id, method, path, permission, canHaveIdempotencyKey: false, isWrite, ...flags }
}

function keyedOperation<const Id extends string>(
  id: Id,
  method: Operation['method'],
  path: Operation['path'],
  permission: Operation['permission'],
): Operation & { id: Id } {
  return operation(id, method, path, permission, { canHaveIdempotencyKey: true })
}

/** Reads, whatever their method. */
function planning<const Id extends string>(
  id: Id,
  method: Operation['method'],
  path: Operation['path'],
): Operation & { id: Id } {
  return operation(id, method, path, 'table:read', { isWrite: false })
}
