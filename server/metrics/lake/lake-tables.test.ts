import { afterAll, beforeAll, expect, it } from 'vitest'
import { registerExternally } from '@/testing/catalogs/external-writes'
import { type RestClient, createRestClient, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { startRestListener, type RestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { type Actor, actorFor } from '@/server/auth/actor'
import { readHome } from '../dashboards/read-home'
import { loadLake } from './lake-tables'
import type { JsonObject } from '@/lib/iceberg/json/json'

const testHome = createTestHome()

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
let admin: Actor
let listener: RestListener
let engine: RestClient

beforeAll(async () => {
  const token = await createRestTokenAs(testHome.services, 'editor')
  engine = createRestClient(testHome.services, token)
  const { userId, username } = await signInAs(testHome.services, 'admin')
  admin = actorFor({ userId, username, role: 'admin' })
  await engine('POST', 'local/namespaces', { body: { namespace: ['demo'], properties: {} } })
  for (const name of ['one', 'two']) {
    await engine('POST', 'local/namespaces/demo/tables', { body: { name, schema: SCHEMA } })
  }
  listener = await startRestListener(testHome.services)
  // Its name comes before our own catalog's in the order in which catalogs are walked.
  await addMirror(testHome, { name: 'a-mirror', listener, token, admin })
})
afterAll(() => listener.stop())

const newContext = () => ({ signal: new AbortController().signal, requestId: 'r', nowMs: Date.now() })
const span = () => ({ fromMs: Date.now() - 3_600_000, toMs: Date.now() + 3_600_000, stepMs: 3_600_000 })
const toIdentifier = (catalog: string, table: string) => ({ catalog, namespace: ['demo'], table })

it('A table that is also reachable through a connection is counted once, under its name in our own catalog', async () => {
  const summary = await readHome(testHome.services, admin, span(), newContext())
  expect(summary.unreachable).toEqual([])
  expect(summary.catalogCount).toBe(2)
  // Its namespace is not counted twice either.
  expect(summary).toMatchObject({ namespaceCount: 1, unprovenNamespaceCount: 0 })
  expect(summary).toMatchObject({ tableCount: 2, duplicateCount: 2, unreadableCount: 0 })
  expect(summary.duplicates).toEqual([
    { table: toIdentifier('a-mirror', 'one'), countedAs: toIdentifier('local', 'one') },
    { table: toIdentifier('a-mirror', 'two'), countedAs: toIdentifier('local', 'two') },
  ])
  expect(summary.tables.map((table) => table.table)).toEqual([
    toIdentifier('local', 'one'),
    toIdentifier('local', 'two'),
  ])
})

it('A namespace without tables that two connections list may be one or two, and is counted as such', async () => {
  await engine('POST', 'local/namespaces', { body: { namespace: ['bare'], properties: {} } })
  const summary = await readHome(testHome.services, admin, span(), newContext())
  // Both have `demo`, whose tables prove that it is the same, and `bare`.
  expect(summary).toMatchObject({ catalogCount: 2, namespaceCount: 3, unprovenNamespaceCount: 1 })
})

it('A table that another program registered again is loaded once', async () => {
  const snapshot = {
    'snapshot-id': 5n,
    'sequence-number': 1,
    'timestamp-ms': Date.now(),
    'manifest-list': `${testHome.config.warehouse}/demo/one/metadata/s.avro`,
    summary: { operation: 'append', 'added-records': '7' },
  }
  const updates = [
    { action: 'add-snapshot', snapshot },
    { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': 5n },
  ]
  const body = { requirements: [], updates } as JsonObject
  expect((await engine('POST', 'local/namespaces/demo/tables/one', { body })).status).toBe(200)
  const { metadataLocation } = await (await testHome.services.catalogs.open('local', admin)).loadTable(
    toIdentifier('local', 'one'),
  )
  await registerExternally(testHome.database, toIdentifier('local', 'one-again'), metadataLocation)
  const lake = await loadLake(testHome.services, admin, { catalog: 'local' }, newContext())
  expect(lake.tables.map(({ identifier }) => identifier.table)).toEqual(['one', 'two'])
  expect(lake.repeated).toEqual([
    { table: toIdentifier('local', 'one-again'), countedAs: toIdentifier('local', 'one') },
  ])
})

it('Tables that diverged from a common history are counted separately', async () => {
  for (const name of ['one', 'one-again']) {
    const body = { requirements: [], updates: [{ action: 'set-properties', updates: { owner: name } }] }
    expect((await engine('POST', `local/namespaces/demo/tables/${name}`, { body })).status).toBe(200)
  }
  const lake = await loadLake(testHome.services, admin, { catalog: 'local' }, newContext())
  expect(lake).toMatchObject({ tables: { length: 3 }, repeated: [] })
})
