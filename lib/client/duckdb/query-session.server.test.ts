import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { RecordBatchReader, Table, tableFromIPC } from 'apache-arrow'
import * as parquet from 'parquet-wasm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { type NodeDuckdb, startNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { decodeColumns, openFile, summarizeFooter } from './decode'
import type { LoadableFile } from './decode-messages'
import type { Decoder } from './decoder'
import { ENGINE_SETTINGS, type Engine } from './engine'
import type { QueryRequest } from './query-types'
import { createQuerySession } from './query-session'
import type { TableScan } from './table-scan'

/** The whole path of a query with the browser's own DuckDB, over files in memory: `demo.flights` of 3 × 1000 rows. */

const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-session-'))
const FIELDS = ['origin: string', 'delay: long', 'Date: timestamptz', 'leg: struct'].map((text, i): NestedField => {
  const [name = '', type] = text.split(': ')
  const struct: Type = { type: 'struct', fields: [{ id: 11, name: 'gate', type: 'int', required: false }] }
  return { id: i + 1, name, type: type === 'struct' ? struct : (type as 'long'), required: false }
})
const SQL = `select 'O' || (i % 7) as origin, i as delay, timestamptz '2001-01-01 00:00:00+00' + to_minutes(i) as "Date",
  {'gate': i::int % 40} as leg from range(FROM, TO) r(i)`
const IDS = '{origin: 1, delay: 2, Date: 3, leg: {__duckdb_field_id: 4, gate: 11}}'

/** Tables of one file: one with a row group that expands to 600 MB, and one with five small row groups. */
const STORY_FILES = [
  ['bomb', 600_000, 1_000_000],
  ['groups', 10_240, 2_048],
] as const

/** A version whose manifest has a wrong length for the second file. */
const WRONG_LENGTH_VERSION = '13'

let wasm: NodeDuckdb
let native: Awaited<ReturnType<DuckDBInstance['connect']>>
let files: LoadableFile[]
/** The requests that were sent. */
let plans: [TableIdentifier, AsOf][]
let decoded: { file: string; columns: string[] }[]
let session: ReturnType<typeof createQuerySession>

beforeAll(async () => {
  native = await (await DuckDBInstance.create(':memory:')).connect()
  files = []
  for (const from of [0, 1000, 2000]) {
    const file = path.join(folder, `${from}.parquet`)
    const sql = SQL.replace('FROM', String(from)).replace('TO', String(from + 1000))
    await native.run(`copy (${sql}) to '${file}' (format parquet, field_ids ${IDS})`)
    files.push(loadFile(file, 1000))
  }
  for (const [name, rowCount, groupRows] of STORY_FILES) {
    const sql = `select i as id, repeat('y', 1000) as story from range(${rowCount}) r(i)`
    await native.run(
      `copy (${sql}) to '${folder}/${name}.parquet' (format parquet, compression zstd, field_ids {id: 1, story: 2}, row_group_size ${groupRows})`,
    )
  }
  wasm = await startNodeDuckdb()
})
afterAll(() => rmSync(folder, { recursive: true }))

beforeEach(() => {
  plans = []
  decoded = []
  for (const schema of ['shadow', 'held', 'lake']) wasm.run(`drop schema if exists ${schema} cascade`)
  session = createQuerySession({ startEngine: async () => nodeEngine(), decoder: nodeDecoder(), planTable })
})

describe('a query over a table of the lake', () => {
  test('returns its rows, and loads only the columns it needs, once', async () => {
    const sql = 'select origin, sum(delay) as total from demo.flights group by 1 order by 2 desc limit 2'
    const result = await runQuery(sql)
    expect(toRows(result)).toEqual(await runNatively(sql))
    expect(result).toMatchObject({ rowCount: 2, isCut: false, columnsRead: 2, totalColumns: 4 })
    expect(result.columns).toEqual([
      { name: 'origin', type: 'VARCHAR' },
      { name: 'total', type: 'HUGEINT' },
    ])
    expect(decoded.map(({ columns }) => columns)).toEqual([
      ['origin', 'delay'],
      ['origin', 'delay'],
      ['origin', 'delay'],
    ])
    expect(result.cost).toMatchObject({ filesRead: 3, rowCount: 3000 })

    const secondResult = await runQuery(sql)
    expect(toRows(secondResult)).toEqual(toRows(result))
    expect(secondResult.cost).toMatchObject({ filesRead: 0, readBytes: 0 })
    expect(decoded).toHaveLength(3)
  })

  test('a later query loads only the missing columns, aligned with the loaded rows', async () => {
    await runQuery('select max(delay) from demo.flights')
    const result = await runQuery(
      'select leg.gate, delay, origin from demo.flights where delay in (5, 1045, 2999) order by 2',
    )
    expect(toRows(result)).toEqual([
      ['5', '5', 'O5'],
      ['5', '1045', 'O2'],
      ['39', '2999', 'O3'],
    ])
    expect(decoded.slice(3).map(({ columns }) => columns)).toEqual([
      ['origin', 'leg'],
      ['origin', 'leg'],
      ['origin', 'leg'],
    ])
  })

  test('counting needs no column at all', async () => {
    const result = await runQuery('select count(*) from demo.flights f')
    expect(toRows(result)).toEqual([['3000']])
    expect(decoded).toEqual([])
    expect(result.cost.readBytes).toBe(0)
  })

  test('LIMIT without order reads the first files only', async () => {
    const result = await runQuery('select delay from demo.flights limit 10 offset 995')
    expect(toRows(result).map(([delay]) => delay)).toEqual([
      '995',
      '996',
      '997',
      '998',
      '999',
      '1000',
      '1001',
      '1002',
      '1003',
      '1004',
    ])
    expect(decoded.map(({ file }) => path.basename(file))).toEqual(['0.parquet', '1000.parquet'])
    expect(toRows(await runQuery('select count(delay) from demo.flights'))).toEqual([['3000']])
  })

  test('a row limit loads no more rows than it needs', async () => {
    const result = await runQuery('from demo.flights', { maxRows: 100 })
    expect(result).toMatchObject({ rowCount: 100, isCut: true })
    expect(decoded).toHaveLength(1)
    expect((await runQuery('from demo.flights limit 100', { maxRows: 100 })).isCut).toBe(false)
  })

  test('an OFFSET beyond the row limit still finds its rows', async () => {
    expect(toRows(await runQuery('select delay from demo.flights limit 2 offset 2500', { maxRows: 100 }))).toEqual([
      ['2500'],
      ['2501'],
    ])
    const rest = await runQuery('select delay from demo.flights offset 2990', { maxRows: 100 })
    expect(toRows(rest).map(([delay]) => delay)).toEqual(Array.from({ length: 10 }, (_, i) => String(2990 + i)))
  })

  test('types that Arrow cannot carry are shown as DuckDB writes them', async () => {
    const sql = `select 'it''s'::enum('a', 'it''s') as mood, 3::uhugeint as u, '101'::bit as b, interval '2 months 3 days' as i,
      {'x': 'a'::enum('a')} as "select", 1 as mood -- a comment at the end`
    const result = await runQuery(sql)
    expect(toRows(result)).toEqual([["it's", '3', '101', '2 months 3 days', '{"x": "a"}', '1']])
    expect(result.columns.map(({ name, type }) => [name, type]).slice(0, 3)).toEqual([
      ['mood', "ENUM('a', 'it''s')"],
      ['u', 'UHUGEINT'],
      ['b', 'BIT'],
    ])
  })

  test('LIMIT after a condition reads all rows', async () => {
    const result = await runQuery('select delay from demo.flights where delay > 2990 limit 3')
    expect(toRows(result)).toEqual([['2991'], ['2992'], ['2993']])
    expect(decoded).toHaveLength(3)
  })

  test('common tables, joins, subqueries and other versions of the table', async () => {
    const sql = `with f as (select * from demo.flights for version as of 7)
      select count(*), max(now.delay), max(f.delay) from f, demo.flights now
      where f.delay = now.delay and now.origin in (select origin from demo.flights where delay = 3)`
    expect(toRows(await runQuery(sql))).toEqual(await runNatively(sql.replace('for version as of 7', '')))
    expect(plans.map(([, asOf]) => asOf)).toEqual([{ snapshotId: '7' }, {}, {}])
  })

  test('a column may be qualified with the full table name', async () => {
    const sql = 'select local.demo.flights.delay from local.demo.flights where local.demo.flights.delay = 3'
    expect(toRows(await runQuery(sql))).toEqual([['3']])
  })

  test('times with a zone are shown in UTC, and the result lists their columns', async () => {
    const result = await runQuery(
      `select "Date"::varchar, date_trunc('hour', "Date")::varchar from demo.flights limit 1`,
    )
    expect(toRows(result)).toEqual([['2001-01-01 00:00:00', '2001-01-01 00:00:00']])
    expect(result.utcColumns).toEqual(['Date'])
  })

  test('files whose length differs from the manifest are reported, whenever they were read', async () => {
    const [, second] = files
    const mismatches = [{ path: second?.name, declaredBytes: 17, actualBytes: second?.byteLength }]
    const sql = `select sum(delay) from demo.flights for version as of ${WRONG_LENGTH_VERSION}`
    const result = await runQuery(sql)
    expect(toRows(result)).toEqual([['4498500']])
    expect(result.sizeMismatches).toEqual(mismatches)
    const secondResult = await runQuery(sql)
    expect(secondResult.cost.filesRead).toBe(0)
    expect(secondResult.sizeMismatches).toEqual(mismatches)
    expect((await runQuery('select sum(delay) from demo.flights')).sizeMismatches).toEqual([])
  })

  test('DESCRIBE and EXPLAIN load nothing, SUMMARIZE and EXPLAIN ANALYZE load what they need', async () => {
    expect(toRows(await runQuery('describe demo.flights')).map(([name, type]) => [name, type])).toEqual([
      ['origin', 'VARCHAR'],
      ['delay', 'BIGINT'],
      ['Date', 'TIMESTAMP'],
      ['leg', 'STRUCT(gate INTEGER)'],
    ])
    const plan = await runQuery('explain select max(delay) from demo.flights')
    expect(plan.isText).toBe(true)
    expect(decoded).toEqual([])
    expect(toRows(await runQuery('summarize demo.flights'))[1]?.slice(0, 4)).toEqual(['delay', 'BIGINT', '0', '2999'])
    await runQuery('explain analyze select max(delay) from demo.flights')
  })

  test('a statement without tables', async () => {
    expect(toRows(await runQuery("select 1 + 1 as two, 'x'"))).toEqual([['2', 'x']])
    expect(plans).toEqual([])
  })

  test('a table without a snapshot has no rows', async () => {
    expect(toRows(await runQuery('select count(*), max(delay) from demo.empty'))).toEqual([['0', null]])
  })

  test('of several statements the one at the cursor runs', async () => {
    const sql = 'select 1 as a; select 2 as b'
    expect(toRows(await runQuery(sql))).toEqual([['1']])
    expect(toRows(await runQuery(sql, { cursor: sql.length }))).toEqual([['2']])
  })
})

describe('the cost of a query is known before it runs', () => {
  test('columns, bytes and files; nothing once they are loaded', async () => {
    const request = toRequest('select origin, sum(delay) from demo.flights group by 1')
    const cost = await session.estimateCost(request, new AbortController().signal)
    expect(cost).toMatchObject({
      columns: 2,
      totalColumns: 4,
      files: 3,
      statementNumber: 1,
      statementCount: 1,
      isEstimate: false,
    })
    expect(cost.readBytes).toBeGreaterThan(0)
    expect(cost.readBytes).toBeLessThan(cost.totalBytes)
    expect(decoded).toEqual([])
    const result = await session.run(request, options())
    // The footers were read for the estimate, and are not read again.
    expect(result.cost.readBytes).toBe(cost.readBytes)
    expect(await session.estimateCost(request, new AbortController().signal)).toMatchObject({ readBytes: 0, files: 0 })
  })

  test('only the first files if the first rows are enough', async () => {
    const cost = await session.estimateCost(
      toRequest('select delay from demo.flights limit 5'),
      new AbortController().signal,
    )
    expect(cost).toMatchObject({ files: 1, isFirstRowsOnly: true })
  })
})

describe('a query that cannot run says why and where', () => {
  test.each([
    ['select delai from demo.flights', 'query-failed', 'delai', 'Did you mean delay or leg?'],
    ['select delay frm demo.flights', 'query-failed', 'demo', undefined],
    ["select delay from demo.flights where origin = 5 + 'x'", 'query-failed', '', undefined],
    ['select * from demo.flight', 'not-found', 'demo.flight', undefined],
    [
      'select * from flights',
      'query-failed',
      'flights',
      'Write demo.flights, or define a common table expression of that name.',
    ],
    ['delete from demo.flights', 'query-failed', 'delete', undefined],
    ["from read_csv('/etc/passwd')", 'query-failed', '', undefined],
    ['', 'query-failed', '', undefined],
  ])('%s', async (sql, code, markedText, hint) => {
    const error = await readFailure(sql)
    expect(error.code).toBe(code)
    expect(sql.slice(Number(error.facts.start ?? 0), Number(error.facts.end ?? 0))).toContain(markedText)
    expect(error.facts.hint).toBe(hint)
  })

  test('is planned again when the user retries, and the request says so', async () => {
    const retries: boolean[] = []
    session = createQuerySession({
      startEngine: async () => nodeEngine(),
      decoder: nodeDecoder(),
      planTable: async (identifier, asOf, { isRetry }) => {
        retries.push(isRetry)
        return planTable(identifier, asOf)
      },
    })
    const request = toRequest('select count(*) from demo.flights')
    await session.run(request, options())
    await session.run(request, { ...options(), isRetry: true })
    expect(retries).toEqual([false, true])
  })

  test('columns too large for a browser are refused before anything is loaded', async () => {
    session = createQuerySession({
      startEngine: async () => nodeEngine(),
      decoder: nodeDecoder(),
      planTable,
      maxBytes: 10_000,
    })
    expect(await readFailure('select sum(delay) from demo.flights')).toMatchObject({ code: 'too-large' })
    expect(decoded).toEqual([])
    expect(toRows(await runQuery('select count(*) from demo.flights'))).toEqual([['3000']])
  })

  test('a column that would exceed the memory of a tab is refused by name; the other columns can be read', async () => {
    const error = await readFailure('select * from demo.bomb')
    expect(error).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('with column story these rows take more than 512 MiB of memory'),
      facts: { file: path.join(folder, 'bomb.parquet') },
    })
    expect(toRows(await runQuery('select max(id) from demo.bomb'))).toEqual([['599999']])
  })

  test('a result larger than the limit is refused, and the next query runs', async () => {
    const sql = "select repeat('y', 1000) from range(300000)"
    await expect(runQuery(sql, { maxRows: 1_000_000 })).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('The result is larger than 256 MiB'),
    })
    expect(toRows(await runQuery("select length(repeat('y', 300000000))"))).toEqual([['300000000']])
  })

  test('row groups that exceed the limit together are decoded one by one', async () => {
    const decoder = nodeDecoder()
    const columns: Decoder['decodeColumns'] = async (file, order, signal) => {
      if (order.rowGroups.length > 1) throw new AppError('too-large', 'These row groups are too large together.')
      return await decoder.decodeColumns(file, order, signal)
    }
    session = createQuerySession({
      startEngine: async () => nodeEngine(),
      decoder: { ...decoder, decodeColumns: columns },
      planTable,
    })
    const sql = 'select count(*), max(id), sum(length(story)) from demo.groups'
    expect(toRows(await runQuery(sql))).toEqual([['10240', '10239', '10240000']])
    expect(decoded).toHaveLength(5)
  })

  test('the least recently used tables are evicted', async () => {
    session = createQuerySession({
      startEngine: async () => nodeEngine(),
      decoder: nodeDecoder(),
      planTable,
      maxBytes: 60_000,
    })
    await runQuery('select sum(delay) from demo.flights for version as of 1')
    await runQuery('select sum(delay) from demo.flights for version as of 2')
    await runQuery('select sum(delay) from demo.flights for version as of 3')
    expect(decoded).toHaveLength(9)
    await runQuery('select sum(delay) from demo.flights for version as of 3')
    expect(decoded).toHaveLength(9)
    await runQuery('select sum(delay) from demo.flights for version as of 1')
    expect(decoded).toHaveLength(12)
  })

  test('a cancelled query is cancelled, and the next one runs', async () => {
    const stop = new AbortController()
    const running = session.run(toRequest('select sum(delay) from demo.flights'), {
      ...options(),
      signal: stop.signal,
      onProgress: ({ step }) => step === 'loading' && stop.abort(),
    })
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
    expect(toRows(await runQuery('select sum(delay) from demo.flights'))).toEqual([['4498500']])
  })
})

/** The result of DuckDB itself for the same files. */
async function runNatively(sql: string): Promise<string[][]> {
  const reader = await native.runAndReadAll(sql.replaceAll('demo.flights', `read_parquet('${folder}/*0.parquet')`))
  return reader.getRows().map((row) => row.map(String))
}

function toRequest(sql: string, more: Partial<QueryRequest> = {}): QueryRequest {
  return { sql, cursor: 0, connection: 'local', connections: ['local'], maxRows: 10_000, ...more }
}

function options() {
  return { signal: new AbortController().signal, onProgress: () => {}, confirm: async () => true }
}

const runQuery = (sql: string, more: Partial<QueryRequest> = {}) => session.run(toRequest(sql, more), options())

async function readFailure(sql: string): Promise<AppError> {
  const error: unknown = await runQuery(sql).catch((reason: unknown) => reason)
  if (!(error instanceof AppError)) throw new Error(`expected a problem, got ${String(error)}`)
  return error
}

function toRows({ batches }: Awaited<ReturnType<typeof runQuery>>): (string | null)[][] {
  return new Table(batches)
    .toArray()
    .map((row) =>
      Object.values<string | number | bigint | null>(row.toJSON()).map((value) => (value === null ? null : `${value}`)),
    )
}

async function planTable(identifier: TableIdentifier, asOf: AsOf): Promise<TableScan> {
  plans.push([identifier, asOf])
  const scan = { key: `${identifier.table} ${asOf.snapshotId ?? ''}`, fields: FIELDS }
  if (identifier.table === 'empty') return { ...scan, files: [], rowCount: 0, fileBytes: 0 }
  for (const [name, rowCount] of STORY_FILES) {
    if (identifier.table !== name) continue
    const file = loadFile(path.join(folder, `${name}.parquet`), rowCount)
    const fields: NestedField[] = [
      { id: 1, name: 'id', type: 'long', required: false },
      { id: 2, name: 'story', type: 'string', required: false },
    ]
    return { ...scan, fields, files: [file], rowCount, fileBytes: file.byteLength }
  }
  if (identifier.table !== 'flights') throw new AppError('not-found', `There is no table ${identifier.table}.`)
  const plannedFiles =
    asOf.snapshotId === WRONG_LENGTH_VERSION
      ? files.map((file, i) => (i === 1 ? { ...file, byteLength: 17 } : file))
      : files
  return {
    ...scan,
    files: plannedFiles,
    rowCount: 3000,
    fileBytes: files.reduce((sum, { byteLength }) => sum + byteLength, 0),
  }
}

function loadFile(name: string, recordCount: number): LoadableFile {
  const byteLength = readFileSync(name).length
  return { url: name, name, byteLength, recordCount, tailBytes: 4096, constants: new Map(), nameMapping: null }
}

function nodeDecoder(): Decoder {
  const open = (file: LoadableFile) => {
    const bytes = readFileSync(file.name)
    const read = async (start: number, end: number) => new Uint8Array(bytes.subarray(start, end))
    return openFile({ name: file.name, byteLength: bytes.length, read }, file)
  }
  return {
    readFooter: async (file) => summarizeFooter(await open(file)),
    decodeColumns: async (file, order, signal) => {
      decoded.push({ file: file.name, columns: order.fields.map(({ name }) => name) })
      if (signal.aborted) throw new AppError('cancelled', 'Loading was cancelled.')
      return await decodeColumns(await open(file), order, parquet)
    },
    start: () => {},
  }
}

function nodeEngine(): Engine {
  for (const setting of ENGINE_SETTINGS) wasm.run(setting)
  return {
    query: async (sql) => tableFromIPC(wasm.run(sql)),
    async *stream(sql) {
      for (const batch of RecordBatchReader.from(wasm.run(sql))) yield batch
    },
    insert: async (name, ipc) => wasm.insert({ schema: 'held', name }, ipc),
    isRunning: true,
    end: () => {},
  }
}
