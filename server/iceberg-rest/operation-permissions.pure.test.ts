import { expect, it } from 'vitest'
import { groupByPermission, howToReview } from '@/testing/contract/group-by-permission'
import { OPERATIONS, type Operation } from './operations'

/** Once more: other tests take the permission of an operation from `OPERATIONS`, and would pass with a weaker one. */
const REVIEWED: Partial<Record<Operation['permission'], readonly string[]>> = {
  none: ['getToken'],
  'signed-in': ['getConfig', 'listNamespaces', 'listTables', 'listViews', 'loadNamespaceMetadata', 'namespaceExists'],
  'table:maintain': ['dropNamespace', 'dropTable', 'dropView', 'renameTable', 'renameView', 'unregisterTable'],
  'table:read': [
    'cancelPlanning',
    'fetchPlanningResult',
    'fetchScanTasks',
    'loadCredentials',
    'loadTable',
    'loadView',
    'planTableScan',
    'reportMetrics',
    // Signing a write needs more, by the object: `sign-request.ts`.
    'signRequest',
    'tableExists',
    'viewExists',
  ],
  'table:write': [
    'commitTransaction',
    'createNamespace',
    'createTable',
    'createView',
    'registerTable',
    'registerView',
    'replaceView',
    'updateProperties',
    'updateTable',
  ],
}

it('needs for each operation of Iceberg REST the permission that was reviewed', () => {
  const found = Object.values(OPERATIONS).map(({ id, permission }) => ({ name: id, permission }))
  expect(groupByPermission(found), howToReview('operations')).toEqual(REVIEWED)
})
