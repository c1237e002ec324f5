import { copyFileSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it, test } from 'vitest'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { replaceOperation } from '@/lib/iceberg/operations/replace'
import type { IncrementalTable } from '@/lib/ingest/incremental-table'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { createReadFetch } from '@/server/endpoints/query-reads'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import { runOperation } from '@/server/table/commit/run-operation'
import { readLiveFiles } from '@/server/table/files/live-files'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { SharedQueryProcess } from '@/testing/engines/shared-query-process'
import { createTestHome, type SignedInUser } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'
import { planAppendedReads } from './plan-appended-reads'
import type { StoredPositions } from './repeat-state'

const home = createTestHome({ LAKESHORE_QUERY_PROCESSES: '1', LAKESHORE_QUERY_MEMORY_MIB: '256' })
const engines = new SharedQueryProcess()
const { signal } = new AbortController()
let lake: VerbLake
let user: SignedInUser
let count = 0

beforeAll(async () => {
  lake = await VerbLake.open(home)
  user = await lake.signIn('editor')
})
afterAll(() => engines.end())

const SCHEMA = {
  type: 'struct',
  fields: [
    { id: 1, name: 'n', required: false, type: 'long' },
    { id: 2, name: 'at', required: false, type: 'timestamp' },
  ],
}

/** A table with these numbers, each at that many minutes after midnight. */
async function createTable(...numbers: readonly number[]): Promise<TableIdentifier> {
  const identifier = lake.table(`t${(count += 1)}`)
  await loadCsv(home.services, identifier, toCsv(numbers), { schema: SCHEMA })
  return identifier
}

const append = (table: TableIdentifier, ...numbers: readonly number[]) => loadCsv(home.services, table, toCsv(numbers))

function toCsv(numbers: readonly number[]): string {
  const rows = numbers.map(
    (n) => `${n},2026-05-01T${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}:00\n`,
  )
  return `n,at\n${rows.join('')}`
} // prettier-ignore

type Choice = Partial<Omit<IncrementalTable, 'table'>>

/** The next read of a table, and the rows that a statement gets by it. */
async function read(table: TableIdentifier, before: StoredPositions, choice: Choice = {}, select = 'SELECT n FROM') {
  const actor = actorFor({ ...user, role: 'editor' })
  const tables = [{ table, onOtherChanges: 'stop' as const, ...choice }]
  const { states, positions, isEmpty, sentences } = await planAppendedReads(home.services, tables, before, {
    actor,
    signal,
  })
  const file = path.join(home.config.homeDir, `result-${(count += 1)}.parquet`)
  const fetch = createReadFetch(home.services)
  await engines.createEngine(home.config).save(
    {
      sql: `${select} ${lake.namespace}.${table.table}`,
      cursor: 0,
      connection: table.catalog,
      connections: [table.catalog],
      maxRows: 1,
    },
    {
      file,
      signal,
      limits: { resultBytes: 1e6 },
      tableStates: states,
      access: { read: (request, readSignal) => fetch(actor, request, readSignal) },
    },
  )
  return { rows: await rowsOf(file), positions, isEmpty, sentences }
} // prettier-ignore

async function rowsOf(file: string): Promise<number[]> {
  const duckdb = await DuckDBInstance.create(':memory:')
  const connection = await duckdb.connect()
  try {
    const rows = (await connection.runAndReadAll(`SELECT * FROM read_parquet('${file}') ORDER BY ALL`)).getRows()
    return rows.map(([value]) => Number(value))
  } finally {
    connection.closeSync()
    duckdb.closeSync()
  }
}

/** Writes all rows of a table, which are these, to one file. */
async function compact(identifier: TableIdentifier, ...numbers: readonly number[]): Promise<void> {
  const [whole] = await listFiles(await createTable(...numbers))
  const { metadata, store } = await lake.load(identifier.table)
  const removed = await listFiles(identifier)
  if (!whole || metadata.currentSnapshotId === null) throw new Error('the tables have files')
  const filePath = `${metadata.location}/data/compacted-${(count += 1)}.parquet`
  copyFileSync(home.services.stores.localPath(whole.filePath), home.services.stores.localPath(filePath))
  const operation = replaceOperation({
    removed,
    added: [{ ...whole, filePath }],
    dataSequenceNumber: null,
    startingSnapshotId: metadata.currentSnapshotId,
  })
  const { catalog } = lake
  const request = { catalog, store, identifier, auditAction: 'test', actor: TEST_ACTOR, signal }
  await runOperation(home.services.log, request, async () => ({ operation }))
}

async function listFiles(identifier: TableIdentifier): Promise<DataFile[]> {
  const table = await lake.load(identifier.table)
  const live = await readLiveFiles(home.services.manifestCache, table, currentSnapshot(table.metadata), table)
  return live.map(({ dataFile }) => dataFile).filter(({ content }) => content === 'data')
}

async function commit(table: TableIdentifier, updates: TableChange['updates']): Promise<void> {
  await lake.catalog.write({ kind: 'commit-table', table, change: { requirements: [], updates } })
}

/** Deletes the first row of the file that was appended last. */
async function deleteFirstRow(identifier: TableIdentifier): Promise<void> {
  const table = await lake.load(identifier.table)
  const live = await readLiveFiles(home.services.manifestCache, table, currentSnapshot(table.metadata), table)
  const last = live.findLast(({ dataFile }) => dataFile.content === 'data')
  if (!last) throw new Error('the table has no file')
  await deleteRows(home.services, identifier, last, [0])
}

it('The first read has all rows, and each later one those that were appended since, in statements of any form', async () => {
  const table = await createTable(1, 2)
  const first = await read(table, [null])
  expect(first).toMatchObject({ rows: [1, 2], isEmpty: false })
  await append(table, 3, 4)
  await append(table, 5)
  const second = await read(table, first.positions)
  expect(second).toMatchObject({ rows: [3, 4, 5], isEmpty: false })
  expect(second.sentences).toEqual(['2 files with rows that were appended since the last run.'])
  expect((await read(table, first.positions, {}, 'SELECT count(*) AS n FROM')).rows).toEqual([3])
  expect((await read(table, first.positions, {}, 'SELECT n FROM (SELECT 1 AS one) CROSS JOIN')).rows).toEqual([3, 4, 5])
  expect(await read(table, second.positions)).toMatchObject({ rows: [], isEmpty: true, positions: second.positions })
})

it('Rows of files that were compacted since are read once, and a compaction alone adds none', async () => {
  const table = await createTable(1, 2)
  await append(table, 3)
  const first = await read(table, [null])
  await compact(table, 1, 2, 3)
  const second = await read(table, first.positions)
  expect(second).toMatchObject({ rows: [], isEmpty: true })
  expect(second.positions).not.toEqual(first.positions)
  await append(table, 4)
  await append(table, 5)
  await compact(table, 1, 2, 3, 4, 5)
  await append(table, 6)
  expect((await read(table, second.positions)).rows).toEqual([4, 5, 6])
})

test.each([
  ['read-appends-only', [4, 5]],
  ['read-all', [1, 2, 4, 5]],
] as const)('After a deletion, %s has these rows', async (onOtherChanges, rows) => {
  const table = await createTable(1, 2)
  const { positions } = await read(table, [null])
  await append(table, 3, 4)
  await deleteFirstRow(table)
  await append(table, 5)
  await expect(read(table, positions)).rejects.toMatchObject({
    code: 'version-conflict',
    message: expect.stringMatching(/^Snapshot \d+ of \S+ deleted rows since the last run/),
  })
  expect((await read(table, positions, { onOtherChanges })).rows).toEqual(rows)
})

it('Rows are read with the columns that the table has now', async () => {
  const table = await createTable(1)
  const { positions } = await read(table, [null])
  await append(table, 2)
  const fields = SCHEMA.fields.map((field) => ({ ...field, type: field.name === 'n' ? 'long' : 'timestamp' }) as const)
  const schema = {
    schemaId: 1,
    identifierFieldIds: [],
    fields: [...fields, { id: 3, name: 'later', required: false, type: 'long' }],
  } as const
  await commit(table, [
    { action: 'add-schema', schema },
    { action: 'set-current-schema', schemaId: -1 },
  ])
  await append(table, 3)
  const { rows } = await read(table, positions, {}, 'SELECT n FROM (SELECT 1 AS one) CROSS JOIN')
  expect(rows).toEqual([2, 3])
  expect((await read(table, positions, {}, 'SELECT count(*) - count(later) AS n FROM')).rows).toEqual([2])
})

it('Late rows are read again within the window before the newest time of earlier reads', async () => {
  const table = await createTable(0, 30, 60)
  await append(table, 70, 100)
  const choice = { lateness: { column: 'at', seconds: 30 * 60 } }
  const first = await read(table, [null], choice)
  expect(first.rows).toEqual([0, 30, 60, 70, 100])
  await append(table, 65, 110)
  const second = await read(table, first.positions, choice)
  expect(second.rows).toEqual([65, 70, 100, 110])
  expect((await read(table, first.positions, choice, 'SELECT count(*) AS n FROM')).rows).toEqual([4])
  expect(await read(table, second.positions, choice)).toMatchObject({ rows: [], isEmpty: true })
  await append(table, 5)
  expect((await read(table, second.positions, choice)).rows).toEqual([5, 100, 110])
})

it('A position of another table, or of one that was rolled back, says what to do', async () => {
  const table = await createTable(1)
  const { positions: before } = await read(table, [null])
  await append(table, 2)
  const { positions } = await read(table, before)
  const other = positions.map((position) => position && { ...position, tableUuid: 'another' })
  await expect(read(table, other)).rejects.toMatchObject({
    code: 'version-conflict',
    message: expect.stringMatching(/was dropped and created again since the last run\. Start the saved result again/),
  })
  const snapshotId = before[0]?.snapshotId ?? ''
  await commit(table, [{ action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId }])
  await expect(read(table, positions)).rejects.toMatchObject({ message: expect.stringContaining('was rolled back') })
})
