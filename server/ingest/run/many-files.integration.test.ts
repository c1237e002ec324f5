import { randomBytes } from 'node:crypto'
import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { toRejectLimit } from '@/lib/ingest/reject-limit'
import { readFooter } from '@/lib/parquet/footer'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { queueRun, readRun } from '@/server/db/jobs/runs'
import { withFileSource } from '@/server/parquet/transcode/local-file'
import { rejectsFolder } from '@/server/storage/internal-files'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { LandingTable } from '@/testing/ingest/landing-table'
import { createTestHome } from '@/testing/homes/test-home'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { stageInput } from '../stage/stage-input'
import { ingestRuns } from './ingest-run'
import { INGEST, type IngestSpec, queueIngest, toFileLocation } from './ingest-spec'
import { readLoadRequest } from './past-load'
import { readRejectPage, readRunRejects } from './rejects/run-rejects'

const home = createTestHome()
const FIELDS = [
  { id: 1, name: 'id', required: true, type: 'long' },
  { id: 2, name: 'source', required: false, type: 'string' },
] as const

/** Files by their paths below a folder, with ten rows each, as many of them wrong as given. */
function writeFiles(files: Readonly<Record<string, number>>): IngestSpec['input'] {
  const folder = mkdtempSync(path.join(home.config.homeDir, 'in-'))
  return Object.entries(files).map(([name, wrongCount]) => {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    const rows = Array.from({ length: 10 }, (_, i) => (i < wrongCount ? 'x' : String(i)))
    writeFileSync(file, `id\n${rows.join('\n')}\n`)
    return { location: toFileLocation(file) }
  })
}

const kinds = () => ({
  [INGEST]: ingestRuns(home.services, (request, { onProgress }) => stageInput(request, onProgress)),
})

async function load(input: IngestSpec['input'], limit: Parameters<typeof toRejectLimit>[0], more: object = {}) {
  const table = await LandingTable.create(home.services, { fields: FIELDS })
  const spec = { input, format: 'csv' as const, ignoreExtra: false, ...toRejectLimit(limit), create: null, ...more }
  const id = await queueIngest(home.database, table.identifier, spec, COMMAND_LINE)
  return { table, run: await runQueuedRun(home.services, id, kinds()) }
}

test('Files of two folders become one snapshot, and rows know the files that they are from', async () => {
  const mapping = { columns: { source: { fact: 'file-name' } }, ignoredFields: [] }
  const files = writeFiles({ 'may/a.csv': 1, 'june/a.csv': 0 })
  const { table, run } = await load(files, { rows: 1 }, { mapping })
  expect(run).toMatchObject({
    title: 'Load a.csv and 1 other file',
    state: 'succeeded',
    outcome: { rowsRead: 20 },
    progress: { total: 46 },
  })
  expect((await table.loaded()).metadata.snapshots).toHaveLength(1)
  const sources = (await table.rows()).map(([, source]) => source)
  expect([sources.filter((name) => name === 'may/a.csv'), sources.length]).toEqual([Array(9).fill('may/a.csv'), 19])
  const { files: loaded } = await readLoadRequest(
    home.services,
    { ...run, table: table.identifier },
    { actor: TEST_ACTOR, signal: new AbortController().signal },
  )
  expect(loaded.map(({ name, input }) => [name, input])).toEqual([
    ['a.csv', null],
    ['a.csv', null],
  ])
  expect(await readRunRejects(home.services, run)).toContain('{"file":"may/a.csv","line":2,"column":"id","value":"x"')
})

test('Rows of each file have the values of its folders, and a file without such a folder stops the load', async () => {
  const mapping = { columns: { source: { pathValue: 'city' } }, ignoredFields: [] }
  const files = writeFiles({
    'city=K%C3%B6ln/a.csv': 0,
    'city=__HIVE_DEFAULT_PARTITION__/a.csv': 0,
    'city=x/city=Bonn/a.csv': 0,
  })
  const { table } = await load(files, { rows: 0 }, { mapping })
  const cities = (await table.rows()).map(([, city]) => city)
  expect(['Köln', null, 'Bonn'].map((city) => cities.filter((one) => one === city).length)).toEqual([10, 10, 10])
  const { run } = await load(writeFiles({ 'city=Bonn/a.csv': 0, 'b.csv': 0 }), { rows: 0 }, { mapping })
  expect(run.error).toMatchObject({ code: 'invalid-request', facts: { file: 'b.csv', column: 'source' } })
  expect(run.error?.detail).toContain('The path of the file has no folder city=…. Give the value as a constant.')
})

it.each([
  ['3 of 20 rows, and 15 % may', { 'a.csv': 3, 'b.csv': 0 }, { share: 0.15 }, 17],
  // The first file alone has more than the share.
  ['9 of 10 rows, then none of 10', { 'a.csv': 9, 'b.csv': 0 }, { share: 0.5 }, 11],
  ['no row, and none may', { 'a.csv': 0 }, { share: 0 }, 10],
])('A load succeeds that rejects %s', async (_, files, limit, rowsCommitted) => {
  const { run } = await load(writeFiles(files), limit)
  expect(run).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted } })
})

it.each([
  ['14 %', { share: 0.14 }],
  ['2, or half of them,', { rows: 2, share: 0.5 }],
])('A load that rejects 3 of 20 rows where %s may be changes nothing, and lists them', async (_, limit) => {
  const { table, run } = await load(writeFiles({ 'a.csv': 3, 'b.csv': 0 }), limit)
  expect(run).toMatchObject({ state: 'failed', error: { code: 'rows-rejected' }, journal: null })
  expect(await table.rows()).toEqual([])
  expect((await readRunRejects(home.services, run)).trimEnd().split('\n')).toHaveLength(3)
})

test('The rejects of the first file can be read while the second one is read, and are removed when that fails', async () => {
  const table = await LandingTable.create(home.services, { fields: FIELDS })
  const input = writeFiles({ 'a.csv': 2, 'b.csv': 1 })
  const spec = { input, format: 'csv' as const, ignoreExtra: false, ...toRejectLimit({ rows: 5 }), create: null }
  const id = await queueIngest(home.database, table.identifier, spec, COMMAND_LINE)
  const readPage = async () => {
    const run = await readRun(home.database, id)
    if (run === null) throw new Error('the run is missing')
    return readRejectPage(home.services, run, { offset: 0, limit: 10 })
  }
  const seen: number[] = []
  const run = await runQueuedRun(home.services, id, {
    [INGEST]: ingestRuns(home.services, async (request, { onProgress }) => {
      seen.push((await readPage()).totalCount)
      if (seen.length === 2) throw new AppError('file-damaged', 'The second file cannot be read.')
      return stageInput(request, onProgress)
    }),
  })
  expect(run).toMatchObject({ state: 'failed', error: { code: 'file-damaged' } })
  expect(seen).toEqual([0, 2])
  await expect(readPage()).rejects.toMatchObject({ code: 'not-found' })
  expect(
    await home.services.stores.warehouseStore().listNames(rejectsFolder(home.config), { limit: 100 }),
  ).not.toContain(`${id}.ndjson`)
})

test('The error of a load with too large a share of rejects has the counts and the limit', async () => {
  const { run } = await load(writeFiles({ 'a.csv': 3 }), { share: 0.025 })
  expect(run.error?.detail).toMatch(
    /^3 of 10 rows do not fit the table, more than the 2[.]5% allowed[.] The run lists them/,
  )
  expect(run.error?.facts).toMatchObject({ rowsRead: 10, rowsRejected: 3 })
})

test('A run that was queued with one location loads that file', async () => {
  const table = await LandingTable.create(home.services, { fields: FIELDS })
  const [file] = writeFiles({ 'a.csv': 0 })
  const spec = {
    input: file && 'location' in file ? file.location : '',
    format: 'csv',
    ignoreExtra: false,
    maxRejectedRows: 0,
    create: null,
  }
  const queued = { kind: INGEST, title: 'Load a.csv', spec, actor: COMMAND_LINE, table: table.identifier }
  const run = await runQueuedRun(home.services, await queueRun(home.database, queued), kinds())
  expect(run).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 10 } })
})

describe('Small files of a load', () => {
  const VALUES = [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'city', required: false, type: 'string' },
    { id: 3, name: 'ratio', required: false, type: 'double' },
    { id: 4, name: 'seen', required: false, type: 'timestamptz_ns' },
    { id: 5, name: 'ok', required: false, type: 'boolean' },
  ] as const
  const HEADER = 'id,city,ratio,seen,ok\n'
  const RATIOS = ['NaN', '-0.0', '0.0', '1.5', '']
  const ROWS = Array.from({ length: 120 }, (_, i) =>
    [
      9007199254740993n + BigInt(i),
      ['Bonn', 'Köln', ''][i % 3],
      RATIOS[i % RATIOS.length],
      i % 7 === 0 ? '' : `2026-05-01T00:00:00.123456${String(i).padStart(3, '0')}Z`,
      ['true', '', 'false'][i % 4] ?? '',
    ].join(','),
  )
  const oneFile = `${HEADER}${ROWS.join('\n')}\n`
  // Twelve of a row, between as many of nine.
  const manyFiles = Array.from({ length: 12 }, (_, i) => [
    ROWS.slice(10 * i, 10 * i + 1),
    ROWS.slice(10 * i + 1, 10 * i + 10),
  ])
    .flat()
    .map((rows) => `${HEADER}${rows.join('\n')}\n`)
  const V3 = { 'format-version': '3' }

  test.each([null, 'city'])('are joined into one for each partition, as if all rows were one file: %s', async (by) => {
    const create = () =>
      LandingTable.create(home.services, { fields: VALUES, partitionBy: by === null ? null : by, properties: V3 })
    const [joined, single] = [await create(), await create()]
    const run = await joined.landed(manyFiles, 'append')
    await single.landed(oneFile, 'append')
    expect(await joined.rows()).toEqual(await single.rows())
    const describeFiles = async (table: LandingTable) =>
      (await table.dataFiles()).map(({ dataFile: { partition, recordCount, metrics } }) => ({
        partition,
        recordCount,
        metrics: { ...metrics, columnSizesBytes: null },
      }))
    expect(await describeFiles(joined)).toEqual(await describeFiles(single))
    expect(await joined.dataFiles()).toHaveLength(by === null ? 1 : 3)
    expect(run.progress?.counters.filesWritten).toBe(by === null ? 1 : 3)
    // The mark of nanoseconds with a zone, which DuckDB does not read.
    const schemaOf = async (table: LandingTable) => {
      const [file] = await table.dataFiles()
      const local = home.services.stores.localPath(file?.dataFile.filePath ?? '')
      return withFileSource(local, async (source) => (await readFooter(source)).leaves)
    }
    expect(await schemaOf(joined)).toEqual(await schemaOf(single))
  })

  test('become several near the target size, in the order of their rows, and longer ones stay', async () => {
    const properties = { 'write.target-file-size-bytes': '40000', 'write.parquet.row-group-size-bytes': '8000' }
    const table = await LandingTable.create(home.services, { fields: FIELDS, properties })
    const text = (id: number) => `${id},${randomBytes(400).toString('hex')}`
    const inputs = Array.from({ length: 20 }, (_, i) => {
      const rowCount = i === 10 ? 100 : 8
      const rows = Array.from({ length: rowCount }, (_row, row) => text(1000 * i + row))
      return `id,source\n${rows.join('\n')}\n`
    })
    await table.landed(inputs, 'append')
    const files = await table.dataFiles()
    const ids = await Promise.all(files.map((file) => table.idsInFile(file)))
    const expected = Array.from({ length: 20 }, (_, i) =>
      Array.from({ length: i === 10 ? 100 : 8 }, (_row, row) => 1000 * i + row),
    )
    expect(ids.flat().map(Number)).toEqual(expected.flat())
    expect(files.length).toBeGreaterThan(2)
    expect(files.length).toBeLessThan(8)
    for (const { dataFile } of files) expect(dataFile.fileSizeBytes).toBeLessThan(60_000)
  })

  test('leave the last row of a key to an upsert, also when a long file is between them', async () => {
    const properties = { 'write.target-file-size-bytes': '40000' }
    const table = await LandingTable.create(home.services, { fields: FIELDS, identifierFieldIds: [1], properties })
    const long = Array.from({ length: 100 }, (_, id) => `${id},${randomBytes(400).toString('hex')}`)
    await table.landed(['id,source\n500,a\n', `id,source\n${long.join('\n')}\n`, 'id,source\n7,last\n'], 'upsert')
    const rows = await table.rows()
    expect(rows).toHaveLength(101)
    expect(rows.find(([id]) => id === '7')).toContain('last')
  })

  test('stay if they are sorted', async () => {
    const sortOrder = {
      orderId: 1,
      fields: [{ sourceId: 1, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' }],
    } as const
    const table = await LandingTable.create(home.services, { fields: FIELDS, sortOrder })
    await table.landed(['id,source\n2,b\n1,a\n', 'id,source\n3,c\n'], 'append')
    expect((await table.dataFiles()).map(({ dataFile }) => dataFile.sortOrderId)).toEqual([1, 1])
  })
})
