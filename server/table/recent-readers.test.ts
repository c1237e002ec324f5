import { expect, it } from 'vitest'
import { reportChanges } from '@/server/db/catalog/metrics-reports'
import { createTestHome } from '@/testing/homes/test-home'
import { readRecentReaders } from './recent-readers'

const home = createTestHome()
const table = { catalog: 'lake', namespace: ['ns'], table: 'read' }

it('names the engines whose scans were reported, with how often and when last', async () => {
  const spark = { metadata: { 'engine-name': 'spark', 'engine-version': '3.5.6', 'app-id': 'x' } }
  const reports = [spark, { metadata: { 'engine-name': 'trino' } }, spark, { metadata: {} }, { metadata: 7 }]
  const common = { kind: 'scan-report' as const, snapshotId: null, userId: 'someone' }
  for (const text of [...reports.map((report) => JSON.stringify(report)), 'not JSON']) {
    await home.database.commit(reportChanges({ table, ...common, report: text }))
    await home.database.commit(reportChanges({ table: { ...table, table: 'other' }, ...common, report: text }))
  }
  const commitReport = { ...common, kind: 'commit-report' as const, report: JSON.stringify(spark) }
  await home.database.commit(reportChanges({ table, ...commitReport }))
  const { days, readers } = await readRecentReaders(home.database, table, home.database.nowMs())
  expect(days).toBe(7)
  expect(Object.fromEntries(readers.map(({ engine, scanCount }) => [engine, scanCount]))).toEqual({
    'Spark 3.5.6': 2,
    Trino: 1,
    null: 3,
  })
  expect(readers.every(({ readAtMs }) => Math.abs(readAtMs - home.database.nowMs()) < 60_000)).toBe(true)
})

it('names none when nothing was reported, or not lately', async () => {
  const laterMs = home.database.nowMs() + 8 * 24 * 60 * 60 * 1000
  expect(await readRecentReaders(home.database, { ...table, table: 'never' }, laterMs)).toEqual({
    days: 7,
    readers: [],
  })
  expect((await readRecentReaders(home.database, table, laterMs)).readers).toEqual([])
})
