import { beforeAll, expect, it } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Grant } from '@/lib/permissions'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { createTestHome } from '@/testing/homes/test-home'
import { indexPending } from './index-loop'
import { findCaseWarnings } from './names-of-other-case'
import { reviewNewTable, reviewRename } from '@/testing/lifecycle/reviews'
import { createView } from '@/testing/lifecycle/actions'

const home = createTestHome()
const { signal } = new AbortController()
const ADMIN = actorFor({ userId: 'u', username: 'ann', role: 'admin' })
let catalog: CatalogClient
const at = (table: string, namespace = ['sales']): TableIdentifier => ({ catalog: catalog.name, namespace, table })
const withGrants = (...grants: Grant[]): Actor => ({ ...ADMIN, role: 'viewer', grants })

beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['sales'], properties: {} })
  await catalog.write({ kind: 'create-namespace', namespace: ['other'], properties: {} })
  for (const name of ['Orders', 'ORDERS', 'Été', 'plain'])
    await catalog.write({ kind: 'create-table', table: at(name), schema: ONE_COLUMN_SCHEMA })
  const version = {
    representations: [{ dialect: 'spark', sql: 'SELECT 1' }],
    defaultCatalog: null,
    defaultNamespace: [],
    schema: {
      schemaId: 0,
      identifierFieldIds: [],
      fields: [{ id: 1, name: 'x', required: false, type: 'int' as const }],
    },
  }
  const view = { catalog: catalog.name, namespace: ['sales'], view: 'Busy' }
  const context = { actor: ADMIN, signal, requestId: null }
  await createView(
    home.services,
    view,
    { version, properties: {} },
    { ...context, idempotencyKey: 'key-of-a-test-0001' },
  )
  while ((await indexPending(home.services, signal)) > 0);
})

it('A new name is compared without case with the tables and views of its namespace', async () => {
  const [ofTables] = await findCaseWarnings(home.services, ADMIN, at('orders'))
  expect(ofTables).toContain('the table Orders')
  expect(ofTables).toContain('the table ORDERS')
  expect(await findCaseWarnings(home.services, ADMIN, at('busy'))).toEqual([expect.stringContaining('the view Busy')])
  expect(await findCaseWarnings(home.services, ADMIN, at('été'))).toEqual([expect.stringContaining('the table Été')])
  // These differ in more than case, or not at all.
  for (const name of ['ete', 'order', 'plain', 'orders '])
    expect(await findCaseWarnings(home.services, ADMIN, at(name))).toEqual([])
  expect(await findCaseWarnings(home.services, ADMIN, at('orders', ['other']))).toEqual([])
})

it('A name that the user may not read is not told', async () => {
  const onlyOrders = withGrants({ permission: 'table:read', resource: at('Orders') })
  const [warning] = await findCaseWarnings(home.services, onlyOrders, at('orders'))
  expect(warning).toContain('the table Orders already')
  expect(warning).not.toContain('ORDERS')
  const elsewhere = withGrants({ permission: 'table:read', resource: at('plain') })
  expect(await findCaseWarnings(home.services, elsewhere, at('orders'))).toEqual([])
})

it('The reviews of a new table and of a rename have the warnings, without the name that is given up', async () => {
  const declaration = JSON.stringify({ columns: [{ name: 'id', type: 'long' }] })
  const context = { actor: ADMIN, signal }
  const review = await reviewNewTable(home.services, at('PLAIN'), { declaration }, context)
  expect(review.warnings).toEqual([expect.stringContaining('the table plain')])
  expect((await reviewRename(home.services, at('plain'), at('Plain'), context)).warnings).toEqual([])
  const toOrders = await reviewRename(home.services, at('Orders'), at('orders'), context)
  expect(toOrders.warnings).toEqual([expect.stringContaining('the table ORDERS already')])
})
