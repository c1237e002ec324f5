import { beforeAll, expect, it } from 'vitest'
import { ZERO } from '@/lib/facts/amounts'
import { EMPTY_HISTORY } from '@/lib/facts/fold-version'
import { grantsOfRole } from '@/lib/permissions'
import type { Actor } from '@/server/auth/actor'
import { addedFactChanges } from '@/server/db/facts/fact-rows'
import { newHistoryChange, type TableHistory } from '@/server/db/facts/histories'
import { ownCatalogSource } from '@/server/facts/own-catalog'
import { recordTableChanges } from '@/server/facts/record-changes'
import { CountedTable } from '@/testing/catalogs/commit-counts'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { readCountedTables } from './counted-tables'
import { readHomeFlows } from './home-flows'

const testHome = createTestHome()
const { signal } = new AbortController()
const ADMIN: Actor = { userId: 'u1', username: 'eva', role: 'admin', grants: grantsOfRole('admin') }
const HOUR_MS = 3_600_000
const orders = new CountedTable(testHome, { catalog: 'local', namespace: ['shop'], table: 'orders' })

const read = async (stepMs: number) => {
  const nowMs = Date.now()
  const toMs = (Math.floor(nowMs / HOUR_MS) + 1) * HOUR_MS
  const span = { fromMs: toMs - 4 * HOUR_MS, toMs, stepMs }
  return readHomeFlows(testHome.database, await readCountedTables(testHome.services, ADMIN, {}), { span, nowMs })
}

/** Another name of a table, which a connection has. */
async function addName(id: number, catalog: string, history: Partial<TableHistory>): Promise<void> {
  await testHome.database.commit([
    newHistoryChange({
      id,
      table: { catalog, namespace: ['copies'], table: 'visits' },
      tableUuid: 'u-1',
      metadataLocation: 'm1',
      version: { mainSnapshotId: '1', properties: {} } as never,
      state: { ...EMPTY_HISTORY, seq: 1, lastAtMs: 1, total: { ...ZERO, rows: 10 } },
      droppedAtMs: null,
      ...history,
    }),
  ])
}

beforeAll(async () => {
  await (await openTestCatalog(testHome.services)).write({
    kind: 'create-namespace',
    namespace: ['shop'],
    properties: {},
  })
  await orders.create()
  const first = await orders.commit({ 'added-records': 200_000 })
  await orders.commit({ 'added-records': 50_000 })
  await orders.moveMain(first)
  await orders.commit({ operation: 'replace', 'added-records': 200_000, 'deleted-records': 200_000 })
  await recordTableChanges(testHome.services, ownCatalogSource(testHome.services, signal), signal)
})

it('Home has what came in, and neither a rewrite nor a rollback makes the day look better than it was', async () => {
  for (const stepMs of [HOUR_MS, HOUR_MS / 2]) {
    const { day, series, buckets } = await read(stepMs)
    expect(day).toMatchObject({ commits: 3, commitsDayBefore: 0, rows: 200_000 })
    expect(series.map(({ label }) => label)).toEqual(['shop.orders'])
    expect(buckets.map(({ rows }) => rows[0] ?? 0).filter((rows) => rows > 0)).toEqual([250_000])
  }
})

it('A table that several catalogs list is counted once, and copies that have diverged twice', async () => {
  const names = async () => {
    const { tables, repeated, of } = await readCountedTables(testHome.services, ADMIN, {})
    return {
      counted: tables.filter(({ tableUuid }) => tableUuid === 'u-1').map(({ table }) => table.catalog),
      repeated: repeated.map(({ table, countedAs }) => [table.catalog, countedAs.catalog]),
      isAll: 'catalogs' in of,
    }
  }
  await addName(1, 'a-mirror', {})
  expect(await names()).toEqual({ counted: ['a-mirror'], repeated: [], isAll: true })
  await addName(2, 'local', {})
  expect(await names()).toEqual({ counted: ['local'], repeated: [['a-mirror', 'local']], isAll: false })
  // The connection has not read the newest commit yet.
  const behind = { metadataLocation: 'm0', version: { mainSnapshotId: '7', properties: {} } as never }
  await addName(3, 'behind', behind)
  expect((await names()).counted).toEqual(['behind', 'local'])
  const known = { kind: 'commit', atMs: 1, statedAtMs: null, enteredAtMs: null } as const
  const none = { operation: 'append', writer: null, branch: null, reason: null, detail: null, committedBy: null }
  const rows = ['1', '7'].map((snapshotId, index) => ({
    ...known,
    ...none,
    seq: index + 1,
    snapshotId,
    added: ZERO,
    removed: ZERO,
  }))
  await testHome.database.commit(addedFactChanges({ id: 2, catalog: 'local' }, { rows, events: [] }))
  expect((await names()).counted).toEqual(['local'])
  // It was dropped in our own catalog, which the connection has not seen yet.
  await testHome.database.commit([
    rawChange('UPDATE fact_tables SET dropped_at_ms = 1, metadata_location = NULL WHERE id = 2'),
  ])
  expect((await names()).counted).toEqual(['local'])
})
