import { expect, it } from 'vitest'
import { clientUseChanges, toUtcDay } from '@/server/db/catalog/table-clients'
import { createTestHome } from '@/testing/homes/test-home'
import { readTableClients } from './table-clients'

const home = createTestHome()
const DAY_MS = 24 * 60 * 60_000
const PYICEBERG = { name: 'PyIceberg', version: '0.12.0', library: null }
const SPARK = { name: 'Spark', version: '4.0.1', library: 'Apache Iceberg 1.10.0' }

const today = () => toUtcDay(home.database.nowMs())
const date = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10)
const snapshot = (daysAgo: number, summary: Record<string, string>) => ({
  snapshotId: String(daysAgo),
  parentSnapshotId: null,
  sequenceNumber: 1,
  timestampMs: home.database.nowMs() - daysAgo * DAY_MS,
  manifestList: 's3://lake/t/metadata/s.avro',
  schemaId: 0,
  summary: { operation: 'append', ...summary },
})
const BY_SPARK = {
  'engine-name': 'spark',
  'engine-version': '4.0.1',
  'iceberg-version': 'Apache Iceberg 1.10.0 (commit 2114bf6)',
}
const read = (snapshots: ReturnType<typeof snapshot>[], isRecorded = true) =>
  readTableClients(home.database, { tableUuid: 'used', snapshots }, { isRecorded })

it('lists each client once, with its last days, together with the engines that snapshots name', async () => {
  const day = today()
  const use = { tableUuid: 'used', client: PYICEBERG, access: 'read' as const }
  await home.database.commit(
    clientUseChanges([
      { ...use, day: day - 4 },
      { ...use, day: day - 2 },
      { ...use, day: day - 3, access: 'write' },
      { ...use, day: day - 1, client: SPARK },
      { ...use, day, tableUuid: 'other' },
    ]),
  )
  expect(await read([snapshot(5, BY_SPARK), snapshot(95, { 'engine-name': 'flink' }), snapshot(1, {})])).toEqual({
    clients: [
      { ...SPARK, lastReadOn: date(day - 1), lastWrittenOn: date(day - 5) },
      { ...PYICEBERG, lastReadOn: date(day - 2), lastWrittenOn: date(day - 3) },
    ],
    isTruncated: false,
    recordedSince: date(day),
  })
})

it('knows only the engines that snapshots name when the catalog is another one', async () => {
  const ours = snapshot(0, { 'engine-name': 'Lakeshore', 'engine-version': '0.3.0' })
  expect(await read([snapshot(5, BY_SPARK), ours], false)).toEqual({
    clients: [{ ...SPARK, lastReadOn: null, lastWrittenOn: date(today() - 5) }],
    isTruncated: false,
    recordedSince: null,
  })
  expect((await read([], false)).clients).toEqual([])
})
