import { beforeAll, expect, it } from 'vitest'
import { grantsOfRole } from '@/lib/permissions'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { createTestHome } from '@/testing/homes/test-home'
import { loadTableOrExplain } from './load-table'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const signal = new AbortController().signal
const home = createTestHome()
const schema = { schemaId: 0, identifierFieldIds: [], fields: [] }

let catalog: CatalogClient

beforeAll(async () => {
  catalog = await home.services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await catalog.write({
    kind: 'create-table',
    table: { catalog: 'local', namespace: ['demo'], table: 'flights' },
    schema,
  })
  await catalog.write({
    kind: 'create-view',
    view: { catalog: 'local', namespace: ['demo'], view: 'routes' },
    schema,
    version: {
      versionId: 1,
      schemaId: 0,
      timestampMs: 1,
      summary: {},
      representations: [{ type: 'sql', dialect: 'spark', sql: 'select 1' }],
      defaultCatalog: null,
      defaultNamespace: ['demo'],
    },
  })
})

const load = (namespace: string[], table: string, actor = ANN) =>
  loadTableOrExplain(catalog, { catalog: 'local', namespace, table }, actor, signal)

it('says that a name is that of a view', async () => {
  await expect(load(['demo'], 'routes')).rejects.toMatchObject({
    code: 'not-found',
    message: 'demo.routes is a view, not a table.',
    facts: { foundAs: 'view' },
  })
})

it.each([
  [['demo', 'flights'], 'snapshots', 'snapshots'],
  [['demo'], 'flights$files', 'files'],
  [['demo'], 'flights.metadata_log_entries', 'overview'],
])('names the table of a metadata table: %s %s', async (namespace, table, tab) => {
  await expect(load(namespace, table)).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringMatching(/of demo\.flights\. Query reads metadata tables\.$/),
    facts: { foundAs: 'metadata-table', ofNamespace: 'demo', ofTable: 'flights', tab },
  })
})

it.each([
  [['demo'], 'no-such-table'],
  [['demo', 'no-such-table'], 'snapshots'],
  [['demo'], 'no-such-table$files'],
  [['demo'], 'flights$unknown'],
])('reports any other name as it is: %s %s', async (namespace, table) => {
  await expect(load(namespace, table)).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('does not exist'),
  })
})

it('reveals no table that the caller may not read', async () => {
  const on = { catalog: 'local', namespace: ['demo', 'flights'] }
  const narrow: Actor = { ...ANN, grants: [{ permission: 'table:read', resource: on }] }
  await expect(load(['demo', 'flights'], 'snapshots', narrow)).rejects.toMatchObject({
    facts: expect.not.objectContaining({ foundAs: 'metadata-table' }),
  })
})
