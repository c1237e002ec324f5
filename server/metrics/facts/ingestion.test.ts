import { beforeAll, describe, expect, it } from 'vitest'
import type { Ingestion } from '@/lib/contract/dashboards'
import { type FactRow, EMPTY_HISTORY } from '@/lib/facts/fold-version'
import { UNKNOWN, ZERO } from '@/lib/facts/amounts'
import { netOfSums } from '@/lib/facts/term-sums'
import { grantsOfRole } from '@/lib/permissions'
import { CountedTable } from '@/testing/catalogs/commit-counts'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import type { Actor } from '@/server/auth/actor'
import { factCatalogChange } from '@/server/db/facts/fact-catalogs'
import { addedFactChanges } from '@/server/db/facts/fact-rows'
import { tableChange } from '@/server/db/facts/fact-changes'
import { newHistoryChange } from '@/server/db/facts/histories'
import { recordHeartbeat } from '@/server/db/jobs/workers'
import { change } from '@/server/db/statement'
import { ownCatalogSource } from '@/server/facts/own-catalog'
import { recordTableChanges } from '@/server/facts/record-changes'
import { readIngestion } from './ingestion'

const testHome = createTestHome()
const { signal } = new AbortController()
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const ADMIN: Actor = { userId: 'u1', username: 'eva', role: 'admin', grants: grantsOfRole('admin') }
const ordersName = { catalog: 'local', namespace: ['shop'], table: 'orders' }
const READER: Actor = {
  userId: 'u2',
  username: 'ann',
  role: null,
  grants: [{ permission: 'table:read', resource: ordersName }],
}

const orders = new CountedTable(testHome, ordersName)
const secret = new CountedTable(testHome, { ...ordersName, table: 'secret' })
const hour = () => Math.floor(Date.now() / HOUR_MS) * HOUR_MS
const thisHour = () => ({ fromMs: hour() - HOUR_MS, toMs: hour() + HOUR_MS, previousFromMs: hour() - 3 * HOUR_MS })

type Request = Parameters<typeof readIngestion>[2]
const read = (actor: Actor, request: Partial<Request> = {}) =>
  readIngestion(
    testHome.services,
    actor,
    { scope: {}, step: 'hour', timeZone: 'UTC', measure: 'rows', by: 'table', ...thisHour(), ...request },
    { nowMs: Date.now() },
  )

/** The terms that are not zero. */
const termsOf = (terms: Ingestion['previousTerms']) =>
  Object.fromEntries(Object.entries(terms).filter(([, amount]) => amount !== 0))

function expectSums({ equation, buckets, tables, others, series }: Omit<Ingestion, 'badges'>) {
  expect(equation.start + netOfSums(equation.terms)).toBe(equation.end)
  const listed = [...tables, others].map(({ terms }) => terms)
  for (const [term, amount] of Object.entries(equation.terms)) {
    const add = (all: readonly Ingestion['previousTerms'][]) =>
      all.reduce((sum, terms) => sum + terms[term as keyof typeof terms], 0)
    expect(add(listed), term).toBe(amount)
    expect(add(buckets.map(({ terms }) => terms)), term).toBe(amount)
  }
  for (const { cameIn, takenBackLater, terms } of buckets) {
    expect(cameIn.length).toBe(series.length)
    expect(cameIn.reduce((sum, amount) => sum + amount, 0)).toBe(terms['came-in'])
    cameIn.forEach((amount, index) => expect(takenBackLater[index]).toBeLessThanOrEqual(amount))
  }
}

beforeAll(async () => {
  await (await openTestCatalog(testHome.services)).write({
    kind: 'create-namespace',
    namespace: ['shop'],
    properties: {},
  })
  await orders.create()
  await secret.create()
  const first = await orders.commit({
    'added-records': 200_000,
    'added-data-files': 4,
    'added-files-size': 4_000,
    'engine-name': 'spark',
  })
  await orders.commit({
    'added-records': 50_000,
    'added-data-files': 1,
    'added-files-size': 900,
    'engine-name': 'flink',
  })
  await orders.moveMain(first)
  await orders.commit({
    operation: 'delete',
    'deleted-records': 7,
    'deleted-data-files': 1,
    'removed-files-size': 100,
    'engine-name': 'spark',
  })
  await orders.commit({
    operation: 'replace',
    'added-records': 199_993,
    'deleted-records': 199_993,
    'added-data-files': 1,
    'deleted-data-files': 3,
    'added-files-size': 3_000,
    'removed-files-size': 3_900,
    'engine-name': 'spark',
  })
  await secret.commit({ 'added-records': 1_000 })
  await recordTableChanges(testHome.services, ownCatalogSource(testHome.services, signal), signal)
})

describe('Ingestion of tables of our own catalog', () => {
  it('is an equation of what came, went and was taken back', async () => {
    const ingestion = await read(ADMIN)
    expectSums(ingestion)
    expect(termsOf(ingestion.equation.terms)).toEqual({
      'came-in': 251_000,
      removed: 7,
      moved: 199_993,
      'taken-back': 50_000,
    })
    expect(ingestion).toMatchObject({ tableCount: 2, takenBackCommits: 1, equation: { start: 0, end: 200_993 } })
    expect(ingestion.series.map(({ label }) => label)).toEqual(['shop.orders', 'shop.secret'])
    expect(ingestion.events.map(({ kind, detail }) => [kind, detail])).toEqual([['rollback', 1]])
    expect(ingestion.newest.map(({ operation, addedRows }) => [operation, addedRows])).toContainEqual([
      'append',
      50_000,
    ])
  })

  it('leaves out tables that the reader may not read, in every sum and list', async () => {
    const ingestion = await read(READER)
    expectSums(ingestion)
    expect(ingestion).toMatchObject({ tableCount: 1, equation: { start: 0, end: 199_993 }, others: { tableCount: 0 } })
    expect(ingestion.equation.terms['came-in']).toBe(250_000)
    expect(JSON.stringify(ingestion)).not.toContain('secret')
    const nothing = await read({ ...READER, grants: [] })
    expect(nothing).toMatchObject({ tableCount: 0, tables: [], newest: [], series: [], equation: { start: 0, end: 0 } })
  })

  it('draws the commit that was taken back under its own writer, where it came in', async () => {
    const ingestion = await read(READER, { by: 'writer' })
    expectSums(ingestion)
    expect(ingestion.series.map(({ label }) => label)).toEqual(['spark', 'flink'])
    expect(ingestion.buckets.map(({ takenBackLater }) => takenBackLater).find((later) => later[1] !== 0)).toEqual([
      0, 50_000,
    ])
    expect(ingestion.returns).toMatchObject([{ kind: 'taken-back', seriesIndex: 1, amount: 50_000 }])
  })

  it('has bytes that a rewrite saved as a term of their own, and counts commits', async () => {
    const bytes = await read(READER, { measure: 'bytes' })
    expectSums(bytes)
    expect(bytes.equation).toMatchObject({
      start: 0,
      end: 3_000,
      terms: { 'came-in': 4_900, removed: 100, rewritten: -900 },
    })
    const commits = await read(READER, { measure: 'commits', by: 'operation' })
    expect(commits.buckets.reduce((count, { terms }) => count + terms['came-in'], 0)).toBe(4)
    expect(commits.series.map(({ label }) => label)).toEqual(['append', 'delete', 'replace'])
    expect(commits.equation.end).toBe(199_993)
  })

  it('says which catalogs are not current, to readers of one of their tables', async () => {
    const reading = {
      catalog: 'local',
      polledAtMs: 9,
      answeredAtMs: 5,
      completeAtMs: 5,
      listedAtMs: 5,
      tableCount: 2,
      unreadCount: 0,
      lateCount: 1,
      isTruncated: false,
      problem: { code: 'catalog-unavailable', detail: 'shop.secret' } as const,
    }
    await testHome.database.commit([factCatalogChange(reading), factCatalogChange({ ...reading, catalog: 'other' })])
    expect((await read(READER)).behind).toEqual([
      { catalog: 'local', reason: 'problem', code: 'catalog-unavailable', completeAtMs: 5 },
    ])
    expect((await read({ ...READER, grants: [] })).behind).toEqual([])
  })

  it('says that our own catalog is not read, if no worker has for a minute or a change waits', async () => {
    const nowMs = testHome.database.nowMs()
    const readAt = async (completeAtMs: number) => {
      const times = { polledAtMs: completeAtMs, answeredAtMs: completeAtMs, completeAtMs, listedAtMs: completeAtMs }
      const counts = { tableCount: 2, unreadCount: 0, lateCount: 0, isTruncated: false, problem: null }
      await testHome.database.commit([factCatalogChange({ catalog: 'local', ...times, ...counts })])
      const { behind, completeAtMs: upToMs } = await read(ADMIN)
      return { reasons: behind.map(({ reason }) => reason), sinceMs: nowMs - (upToMs ?? 0) }
    }
    expect(await readAt(nowMs - 5_000)).toEqual({ reasons: [], sinceMs: 5_000 })
    expect(await readAt(nowMs - 90_000)).toEqual({ reasons: ['stopped'], sinceMs: 90_000 })
    await recordHeartbeat(testHome.database, 'worker')
    expect(await readAt(nowMs - 90_000)).toEqual({ reasons: [], sinceMs: 90_000 })
    // A change that waits is older than the last comparison.
    await testHome.database.commit([
      tableChange({ kind: 'dropped', table: { ...ordersName, table: 'waiting' } }),
      change(({ db }) => db.updateTable('fact_changes').set({ recorded_at_ms: nowMs - 70_000 })),
    ])
    expect(await readAt(nowMs)).toEqual({ reasons: ['stopped'], sinceMs: 70_000 })
    await testHome.database.commit([change(({ db }) => db.deleteFrom('fact_changes'))])
  })

  it('says since when a table has rows that is younger than the period before', async () => {
    const day = Math.floor(Date.now() / DAY_MS) * DAY_MS
    const { tables } = await read(ADMIN, { previousFromMs: hour() - 3 * DAY_MS })
    expect(tables.map(({ sinceMs }) => sinceMs)).toEqual([day, day])
    const started = await read(ADMIN, { fromMs: day + DAY_MS, toMs: day + 2 * DAY_MS, previousFromMs: day + HOUR_MS })
    expect(started.tables.map(({ sinceMs }) => sinceMs)).toEqual([null, null])
  })

  it('ends an earlier period with what the tables had then, and lists tables by a part of their name', async () => {
    const earlier = await read(ADMIN, {
      fromMs: hour() - 5 * HOUR_MS,
      toMs: hour() - 3 * HOUR_MS,
      previousFromMs: hour() - 7 * HOUR_MS,
    })
    expect(earlier.equation).toMatchObject({ start: 0, end: 0 })
    const matching = await read(ADMIN, { match: 'SECR' })
    expectSums(matching)
    expect(matching.tables.map(({ table }) => table.table)).toEqual(['secret'])
    expect(matching.others.tableCount).toBe(1)
  })
})

describe('Ingestion over days', () => {
  const START_MS = Date.UTC(2026, 9, 20)
  const commit = (
    seq: number,
    kind: FactRow['kind'],
    atMs: number,
    rows: number,
    enteredAtMs: number | null = null,
  ) => ({
    seq,
    kind,
    atMs,
    statedAtMs: null,
    snapshotId: String(enteredAtMs ?? atMs),
    enteredAtMs,
    operation: 'append',
    writer: null,
    committedBy: null,
    branch: null,
    reason: null,
    detail: null,
    added: { ...UNKNOWN, rows },
    removed: { ...UNKNOWN, rows: 0 },
  })

  beforeAll(async () => {
    const id = 77
    const day = (count: number, hours = 0) => START_MS + count * DAY_MS + hours * HOUR_MS
    const rows = [
      commit(1, 'commit', day(0, 5), 100),
      commit(2, 'commit', day(3, 1), 40),
      commit(3, 'commit', day(3, 23), 60),
      commit(4, 'taken-back', day(4, 2), 60, day(3, 23)),
      commit(5, 'put-back', day(5), 60, day(3, 23)),
      commit(6, 'taken-back', day(5, 1), 60, day(3, 23)),
      commit(7, 'taken-back', day(5, 1), 40, day(3, 1)),
      commit(8, 'put-back', day(6), 40, day(3, 1)),
    ]
    await testHome.database.commit([
      newHistoryChange({
        id,
        table: { catalog: 'local', namespace: ['days'], table: 'visits' },
        tableUuid: 'u-visits',
        metadataLocation: 'file:///v1.json',
        version: { properties: {} } as never,
        state: { ...EMPTY_HISTORY, seq: 8, total: { ...ZERO, rows: 140 } },
        droppedAtMs: null,
      }),
      ...addedFactChanges({ id, catalog: 'local' }, { rows, events: [] }),
    ])
  })

  const days = (from: number, to: number, timeZone = 'UTC') =>
    read(ADMIN, {
      scope: { catalog: 'local', namespace: ['days'] },
      step: 'day',
      timeZone,
      fromMs: START_MS + from * DAY_MS,
      toMs: START_MS + to * DAY_MS,
      previousFromMs: START_MS + (2 * from - to) * DAY_MS,
    })

  it('draws a commit hollow on its day while it is taken back, and filled when it is back', async () => {
    const ingestion = await days(3, 7)
    expectSums(ingestion)
    expect(ingestion.equation).toMatchObject({ start: 100, end: 140 })
    expect(ingestion.buckets.map(({ cameIn, takenBackLater }) => [cameIn[0], takenBackLater[0]])).toEqual([
      [100, 60],
      [0, 0],
      [0, 0],
      [0, 0],
    ])
    expect(ingestion.returns.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['put-back', 40],
      ['taken-back', 100],
      ['put-back', 60],
      ['taken-back', 60],
    ])
    // The first day is compared with the first of the four days before.
    expect(ingestion.buckets[1]?.previousCameIn).toBe(100)
  })

  it('has the rest of the history before and after a period in its ends', async () => {
    expect((await days(4, 5)).equation).toMatchObject({ start: 200, end: 140 })
    expect((await days(0, 3)).equation).toMatchObject({ start: 0, end: 100 })
  })

  it('begins days at midnight of the reader', async () => {
    // The commit of 23:00 in UTC is of the next day in Berlin.
    const ingestion = await days(3, 5, 'Europe/Berlin')
    expectSums(ingestion)
    expect(ingestion.buckets.map(({ terms }) => terms['came-in'])).toEqual([40, 60, 0])
  })
})
