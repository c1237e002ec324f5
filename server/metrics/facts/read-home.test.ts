import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { getHome, type Home } from '@/lib/contract/home'
import { DEMO_HISTORY_PROPERTY } from '@/lib/iceberg/properties/demo-history'
import { actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import { addConnection } from '@/server/connections/connections'
import { factCatalogChange } from '@/server/db/facts/fact-catalogs'
import { CatalogPoll } from '@/server/facts/catalog-poll'
import { EtagCache } from '@/server/facts/etag-cache'
import { CountedTable } from '@/testing/catalogs/commit-counts'
import { LakeStandIn } from '@/testing/catalogs/lake-stand-in'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { collectFacts } from '@/testing/facts/collect-facts'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { readHome } from './read-home'

const testHome = createTestHome()
const { signal } = new AbortController()
const ADMIN = actorFor({ userId: 'u1', username: 'eva', role: 'admin' })
const HOUR_MS = 3_600_000
const tableIn = (namespace: string, table: string) => ({ catalog: 'local', namespace: [namespace], table })
const orders = new CountedTable(testHome, tableIn('shop', 'orders'))
const secret = new CountedTable(testHome, tableIn('vault', 'secret'))
const gone = new CountedTable(testHome, tableIn('old', 'gone'))
let lake: LakeStandIn
let cookie: string

const span = () => {
  const toMs = (Math.floor(Date.now() / HOUR_MS) + 1) * HOUR_MS
  return { fromMs: toMs - 4 * HOUR_MS, toMs, stepMs: HOUR_MS }
}
const read = (actor = ADMIN) => readHome(testHome.services, actor, span(), { nowMs: Date.now() })

/** Through the endpoint, which has the services that open catalogs. */
async function get(): Promise<Home> {
  const handler = await loadRouteHandler({ ...testHome.services, buildId: 'b' }, getHome)
  const query = new URLSearchParams(Object.entries(span()).map(([name, value]) => [name, String(value)]))
  const response = await handler(new Request(`http://test/x?${query}`, { headers: { cookie } }), {
    params: Promise.resolve({}),
  })
  expect(response.status).toBe(200)
  return z.parse(getHome.output, await response.json())
}

/** Reads the other catalog as its poll does, as far as it answers. */
async function poll(): Promise<void> {
  const catalogPoll = new CatalogPoll(testHome.services, 'far', new EtagCache())
  for (let step = 0; step < 4; step += 1) {
    catalogPoll.step(signal)
    await catalogPoll.whenIdle()
  }
  const report = catalogPoll.report()
  if (report) await testHome.database.commit([factCatalogChange(report)])
}

beforeAll(async () => {
  ;({ cookie } = await signInAs(testHome.services, 'admin'))
  const catalog = await openTestCatalog(testHome.services)
  for (const namespace of ['shop', 'vault', 'old', 'empty']) {
    await catalog.write({ kind: 'create-namespace', namespace: [namespace], properties: {} })
  }
  for (const table of [orders, secret, gone]) await table.create()
  const first = await orders.commit({ 'added-records': 100, 'added-files-size': 1_000, 'added-data-files': 1 })
  await orders.commit({ 'added-records': 50, 'added-files-size': 500, 'added-data-files': 1 })
  await orders.moveMain(first)
  await secret.commit({ 'added-records': 7, 'added-files-size': 70, 'added-data-files': 1 })
  await gone.commit({ 'added-records': 900, 'added-files-size': 9_000, 'added-data-files': 1 })
  await gone.drop()
  lake = await LakeStandIn.start()
})
afterAll(() => lake.stop())

describe('Home', () => {
  it('says what has not been read yet, and how many tables that are', async () => {
    expect(await read()).toMatchObject({
      behind: [{ catalog: 'local', reason: 'not-begun', completeAtMs: null }],
      tableCount: 0,
      unreadTableCount: 2,
      rowCount: 0,
    })
    await collectFacts(testHome.services)
    expect(await read()).toMatchObject({ behind: [], tableCount: 2, unreadTableCount: 0 })
  })

  it('has the tables as they are: without a dropped one, and without what a rollback took back', async () => {
    const home = await read()
    expect(home).toMatchObject({ catalogCount: 1, namespaceCount: 2, rowCount: 107, liveBytes: 1_070 })
    expect(home.files).toEqual({ measuredCount: 0, fileCount: 2 })
    expect(home.tables.map(({ table, rowCount, dataFileCount }) => [table.table, rowCount, dataFileCount])).toEqual([
      ['orders', 100, 1],
      ['secret', 7, 1],
    ])
    expect(home.freshness.map(({ table }) => table.table).toSorted()).toEqual(['orders', 'secret'])
    expect(home.events.flatMap(({ commit }) => commit?.addedRows ?? []).toSorted((a, b) => a - b)).toEqual([7, 50, 100])
  })

  it('has nothing of tables that the user may not read', async () => {
    await new CountedTable(testHome, tableIn('vault', 'unread')).create()
    const resource = { catalog: 'local', namespace: ['shop'] }
    const reader = actorFor({ userId: 'u2', username: 'ann', role: null, roleGrants: [{ role: 'viewer', resource }] })
    const home = await read(reader)
    expect(home).toMatchObject({
      tableCount: 1,
      unreadTableCount: 0,
      namespaceCount: 1,
      rowCount: 100,
      liveBytes: 1_000,
    })
    expect(JSON.stringify(home)).not.toMatch(/vault|secret/)
    expect(await read({ ...reader, grants: [] })).toMatchObject({
      catalogCount: 0,
      tableCount: 0,
      behind: [],
      tables: [],
    })
    await collectFacts(testHome.services)
  })

  it('counts the tables of the demo lake', async () => {
    expect((await read()).demoTableCount).toBe(0)
    await orders.update({ action: 'set-properties', updates: { [DEMO_HISTORY_PROPERTY]: 'true' } })
    await collectFacts(testHome.services)
    expect((await read()).demoTableCount).toBe(1)
  })

  it('is there at once while another catalog hangs, with the figures until then and a note', async () => {
    const settings = {
      kind: 'rest' as const,
      uri: lake.uri,
      warehouse: null,
      prefix: null,
      auth: { kind: 'bearer' as const },
      headerNames: [],
      delegation: 'none' as const,
      storage: null,
      mappings: [],
      ownCredentials: 'off' as const,
    }
    const context = { actor: actorFor(CONSOLE), requestId: 'r' }
    await addConnection(testHome.services, { name: 'far', settings, secrets: { token: 't' } }, context)
    expect((await get()).behind).toEqual([{ catalog: 'far', reason: 'not-begun', code: null, completeAtMs: null }])
    lake.create('trips')
    lake.commit('trips', 5, Date.now())
    await poll()
    expect(await get()).toMatchObject({ catalogCount: 2, tableCount: 4, rowCount: 112, behind: [] })

    lake.create('later')
    lake.override = (path) => (path.endsWith('/later') ? { status: 500 } : null)
    await poll()
    expect(await get()).toMatchObject({
      tableCount: 4,
      unreadTableCount: 1,
      behind: [{ catalog: 'far', reason: 'unread' }],
    })

    lake.override = () => ({ afterMs: HOUR_MS })
    const requests = lake.requestCount()
    const startMs = performance.now()
    expect(await get()).toMatchObject({ rowCount: 112, tables: [{}, {}, { table: { catalog: 'far' } }, {}] })
    expect(performance.now() - startMs).toBeLessThan(3_000)
    expect(lake.requestCount()).toBe(requests)
  })
})
