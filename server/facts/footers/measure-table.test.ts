import { expect, it } from 'vitest'
import { readEveryColumn } from '@/testing/facts/measured-storage'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { findFactTable } from '@/server/db/facts/fact-tables'
import { DAY_MS, toDay } from '@/server/db/facts/sum-tables'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import { readLiveFiles } from '@/server/table/files/live-files'
import { OwnCatalogPoll } from '../own-catalog'
import { FooterReader } from './footer-reader'

const testHome = createTestHome()
const { signal } = new AbortController()
const SCHEMA = {
  type: 'struct',
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'note', required: false, type: 'string' },
  ],
}
const GZIP = { 'write.parquet.compression-codec': 'gzip' }
const toTable = (table: string) => ({ catalog: 'local', namespace: ['ns'], table })
const rowsFrom = (first: number) =>
  `id,note\n${Array.from({ length: 50 }, (_, i) => `${first + i},note ${i}`).join('\n')}\n`

async function collect(): Promise<void> {
  const { services, database } = testHome
  await database.commit([rawChange('DELETE FROM fact_changes')])
  await new OwnCatalogPoll(services).run(signal)
}

/** Without waiting for the commits to settle, or for another attempt. */
async function measure(reader = new FooterReader(testHome.services)): Promise<number> {
  await collect()
  await testHome.database.commit([
    rawChange(
      'UPDATE fact_storage SET measured_at_ms = 0, retry_at_ms = CASE WHEN retry_at_ms IS NULL THEN NULL ELSE 0 END',
    ),
    rawChange('UPDATE fact_files SET read_at_ms = 0'),
  ])
  return reader.run(signal)
}

async function load(name: string) {
  return (await openTestCatalog(testHome.services)).loadTable(toTable(name))
}

/** Gives the table other metadata, as another program writes it. */
async function replaceMetadata(name: string, change: (metadata: TableMetadata) => TableMetadata): Promise<void> {
  const { metadata, metadataLocation, store } = await load(name)
  const location = metadataLocation.replace(/[^/]*$/, `0009${metadata.snapshots.length}-${name}.metadata.json`)
  await store.writeNew(location, Buffer.from(writeTableMetadata(change(metadata))))
  await testHome.database.commit([
    rawChange('UPDATE iceberg_tables SET metadata_location = ? WHERE table_name = ?', [location, name], 1),
  ])
}

async function read(name: string) {
  const table = await findFactTable(testHome.database, toTable(name))
  if (!table) throw new Error(`${name} has no history`)
  return { total: table.total, ...(await readEveryColumn(testHome.database, table.id)) }
}

it('The parts of a table are all bytes of its files, and its columns the pages of those', async () => {
  await loadCsv(testHome.services, toTable('parts'), rowsFrom(1), { schema: SCHEMA, properties: GZIP })
  const loaded = await loadCsv(testHome.services, toTable('parts'), rowsFrom(51))
  const [file] = await readLiveFiles(testHome.services.manifestCache, loaded, currentSnapshot(loaded.metadata), loaded)
  if (!file) throw new Error('the table has two files')
  await deleteRows(testHome.services, toTable('parts'), file, [1])
  expect(await measure()).toBe(1)

  const { storage, parts, columns, cuts, total, days } = await read('parts')
  expect(storage).toMatchObject({ data_files: 2, read_files: 2, unreadable_files: 0, column_count: 2, codec: 'gzip' })
  expect(storage?.as_set_bytes).toBe(storage?.set_bytes)
  expect(Object.keys(parts).sort()).toEqual(['codec:gzip', 'deletes', 'footers'])
  const stored = Object.values(parts).reduce((sum, part) => sum + part.stored, 0)
  expect(stored).toBe(total.bytes)
  expect(columns.map(({ name, type }) => `${name} ${type}`).sort()).toEqual(['id long', 'note string'])
  expect(columns.reduce((sum, { plain }) => sum + plain, 0)).toBe(parts['codec:gzip']?.plain)
  expect(parts['codec:gzip']?.plain).toBeGreaterThan(100 * 8)
  expect(days.sum).toEqual(parts)
  // Whole files: with their footers, without the delete file.
  const { encoded, plain } = parts['codec:gzip'] ?? { encoded: 0, plain: 0 }
  const files = { stored: stored - (parts['deletes']?.stored ?? 0), encoded, plain }
  const month = new Date(testHome.database.nowMs()).toISOString().slice(0, 7)
  expect(Object.keys(cuts).sort()).toEqual([`age ${month}`, expect.stringMatching(/^writer Lakeshore/)])
  expect(Object.values(cuts)).toEqual([files, files])
  // Nothing is due before the table has another version.
  expect(await measure()).toBe(0)
})

it('Days of the past are measured as far as the table has their snapshots, and a rollback returns to earlier bytes', async () => {
  const name = 'past'
  await loadCsv(testHome.services, toTable(name), rowsFrom(1), { schema: SCHEMA, properties: GZIP })
  await loadCsv(testHome.services, toTable(name), rowsFrom(51))
  await loadCsv(testHome.services, toTable(name), rowsFrom(101))
  const nowMs = testHome.database.nowMs()
  await replaceMetadata(name, (metadata) => {
    const daysAgo = [3, 1, 0]
    const timeOf = (index: number) => nowMs - (daysAgo[index] ?? 0) * DAY_MS
    return {
      ...metadata,
      snapshots: metadata.snapshots.map((one, index) => ({ ...one, timestampMs: timeOf(index) })),
      snapshotLog: metadata.snapshotLog.map((one, index) => ({ ...one, timestampMs: timeOf(index) })),
    }
  })
  await measure()
  const before = await read(name)
  const today = toDay(nowMs)
  expect(Object.keys(before.days.byPeriod).map(Number)).toEqual([today - 3, today - 1, today])
  expect(before.days.sum).toEqual(before.parts)
  expect(before.days.ofColumns).toEqual(
    Object.fromEntries(before.columns.map(({ fieldId, stored }) => [fieldId, stored])),
  )

  const [first] = (await load(name)).metadata.snapshots
  if (!first) throw new Error('the table has three snapshots')
  await (await openTestCatalog(testHome.services)).write({
    kind: 'commit-table',
    table: toTable(name),
    change: {
      requirements: [],
      updates: [{ action: 'set-snapshot-ref', refName: 'main', snapshotId: first.snapshotId, type: 'branch' }],
    },
  })
  await measure()
  const after = await read(name)
  expect(after.parts['codec:gzip']).toEqual(before.days.byPeriod[today - 3]?.['codec:gzip'])
  expect(after.parts['history']?.stored).toBe(before.total.bytes - after.total.bytes)
  expect(after.days.sum).toEqual(after.parts)
})

it('The writer and the commit of a file stay known, and those of files that were read before are found', async () => {
  const name = 'written'
  const first = await loadCsv(testHome.services, toTable(name), rowsFrom(1), { schema: SCHEMA })
  const id = currentSnapshot(first.metadata)?.snapshotId
  const oldMs = Date.UTC(2025, 11, 24)
  await replaceMetadata(name, (metadata) => ({
    ...metadata,
    snapshots: metadata.snapshots.map((one) => ({ ...one, timestampMs: oldMs })),
    snapshotLog: metadata.snapshotLog.map((one) => ({ ...one, timestampMs: oldMs })),
  }))
  await measure()
  const ofFirst = (await read(name)).cuts['age 2025-12']
  expect(ofFirst?.stored).toBe((await read(name)).total.bytes)

  await loadCsv(testHome.services, toTable(name), rowsFrom(51))
  await replaceMetadata(name, (metadata) => ({
    ...metadata,
    snapshots: metadata.snapshots.filter(({ snapshotId }) => snapshotId !== id),
    snapshotLog: metadata.snapshotLog.filter(({ snapshotId }) => snapshotId !== id),
  }))
  await measure()
  expect((await read(name)).cuts['age 2025-12']).toEqual(ofFirst)

  // As files are that were read before their writers were stored; the history has their commits.
  await testHome.database.commit([
    rawChange('UPDATE fact_files SET created_by = NULL, committed_at_ms = NULL'),
    rawChange('UPDATE fact_storage SET retry_at_ms = 0'),
  ])
  const { cuts: before } = await read(name)
  await measure(new FooterReader(testHome.services, { bytesPerMinute: 1 }))
  await measure()
  expect((await read(name)).cuts).toEqual(before)
})

it('A file whose footer cannot be read is stored and not read, with the reason, until it can be', async () => {
  const name = 'damaged'
  const loaded = await loadCsv(testHome.services, toTable(name), rowsFrom(1), { schema: SCHEMA })
  const [file] = await readLiveFiles(testHome.services.manifestCache, loaded, currentSnapshot(loaded.metadata), loaded)
  if (!file) throw new Error('the table has a file')
  const location = file.dataFile.filePath
  const bytes = await loaded.store.read(location, { signal })
  await loaded.store.remove(location)
  await measure()
  const { storage, parts, total } = await read(name)
  expect(storage).toMatchObject({ read_files: 0, unreadable_files: 1, set_bytes: null })
  expect(storage?.problem).toContain('no file')
  expect(parts).toEqual({ unread: { stored: total.bytes, encoded: 0, plain: 0 } })

  await loaded.store.writeNew(location, bytes)
  await measure()
  expect((await read(name)).storage).toMatchObject({
    read_files: 1,
    unreadable_files: 0,
    problem: null,
    retry_at_ms: null,
  })
})

it('Beyond the budget, footers are left for the next time', async () => {
  const name = 'late'
  await loadCsv(testHome.services, toTable(name), rowsFrom(1), { schema: SCHEMA })
  for (const first of [51, 101, 151, 201, 251]) await loadCsv(testHome.services, toTable(name), rowsFrom(first))
  const reader = new FooterReader(testHome.services, { bytesPerMinute: 1 })
  await measure(reader)
  const { storage, parts } = await read(name)
  expect(storage?.read_files).toBeLessThan(6)
  expect(storage?.retry_at_ms).not.toBeNull()
  expect(parts['unread']?.stored).toBeGreaterThan(0)
  await measure()
  expect((await read(name)).storage).toMatchObject({ read_files: 6, retry_at_ms: null })
})

it('Two processes that measure a table at once count its bytes once', async () => {
  const name = 'twice'
  await loadCsv(testHome.services, toTable(name), rowsFrom(1), { schema: SCHEMA })
  await collect()
  const readers = [new FooterReader(testHome.services), new FooterReader(testHome.services)]
  await Promise.all(readers.map((reader) => reader.run(signal)))
  const { parts, days, total } = await read(name)
  expect(days.sum).toEqual(parts)
  expect(Object.values(parts).reduce((sum, part) => sum + part.stored, 0)).toBe(total.bytes)
})

it('A dropped table has no bytes from then on', async () => {
  const name = 'dropped'
  await loadCsv(testHome.services, toTable(name), rowsFrom(1), { schema: SCHEMA })
  await measure()
  const table = await findFactTable(testHome.database, toTable(name))
  await (await openTestCatalog(testHome.services)).write({ kind: 'drop-table', table: toTable(name) })
  await measure()
  const { parts, days, columns, cuts } = await readEveryColumn(testHome.database, table?.id ?? 0)
  expect([parts, columns, cuts, days.sum]).toEqual([{}, [], {}, {}])
})
