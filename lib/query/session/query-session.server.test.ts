import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { RecordBatchStreamWriter } from 'apache-arrow'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField, Schema, Type } from '@/lib/iceberg/schema/types'
import { MAX_RESULT_BYTES, MAX_ROWS, type QueryRequest } from '@/lib/query/engine'
import type { PlanOperator } from '@/lib/query/query-plan'
import { toArrowBatch } from '@/lib/scan/read/to-arrow'
import { vectorOf } from '@/lib/scan/read/vector-of'
import { valueJson, valueText } from '@/lib/scan/value-text'
import { type NodeDuckdb, resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { deletionVectorBlob } from '@/testing/iceberg/deletion-vector-blob'
import { deleteFileBytes } from '@/lib/scan/deletes/delete-file'
import { createDeleteLoader } from '@/lib/scan/deletes/delete-loader'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { byCases } from '@/testing/property-cases'
import { countRemainingRows, decodeColumns, loadDeletedRows, openFile, summarizeFooter } from '@/lib/query/load/decode'
import type { LoadableDelete, LoadableFile } from '@/lib/query/load/decode-messages'
import type { Decoder } from '@/lib/query/load/decoder'
import { createTestSession } from '@/testing/duckdb/test-session'
import type { LakeNames } from './lake-names'
import type { ViewDefinition } from './view-definition'
import { createResultCache } from './result-cache'
import { knownFiles } from '@/lib/query/load/table-files'
import type { PlanOptions, TableScan } from '@/lib/query/load/table-scan'

/** The whole path of a query with the browser's own DuckDB, over files in memory: `demo.flights` of 3 × 1000 rows. */

const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-session-'))
const FIELDS = ['origin: string', 'delay: long', 'Date: timestamptz', 'leg: struct'].map((text, i): NestedField => {
  const [name = '', type] = text.split(': ')
  const struct: Type = { type: 'struct', fields: [{ id: 11, name: 'gate', type: 'int', required: false }] }
  return { id: i + 1, name, type: type === 'struct' ? struct : (type as 'long'), required: false }
})
const MIB = 1024 * 1024
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

const NEWEST_SNAPSHOT = '3051729675574597004'
const COMMITTED_AT_MS = Date.UTC(2021, 10, 21, 2, 35, 42, 517)

/** The views of the lake, by name. */
let views: Record<string, Partial<ViewDefinition>>
let viewReads: string[]
/** The requests for names, and the namespaces of the lake with their tables and views. */
let nameRequests: string[]
let namespaces: Record<string, { tables?: string[]; views?: string[] }>
/** The metadata tables that were described, and the columns that were read of them. */
let metadataPlans: [string, string, AsOf][]
let metadataReads: (readonly string[])[]

let wasm: NodeDuckdb
let native: Awaited<ReturnType<DuckDBInstance['connect']>>
let files: LoadableFile[]
/** The requests that were sent. */
let plans: [TableIdentifier, AsOf][]
/** One of each kind, for the first, second and third file of flights. */
let deletes: LoadableDelete[]
let decoded: { file: string; columns: string[] }[]
let session: ReturnType<typeof createTestSession>

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
  deletes = await writeDeletes()
  wasm = await resetNodeDuckdb()
})
afterAll(() => rmSync(folder, { recursive: true }))

beforeEach(() => {
  plans = []
  views = {}
  viewReads = []
  metadataPlans = []
  metadataReads = []
  nameRequests = []
  namespaces = { demo: { tables: ['flights', "it's"], views: ['routes'] }, 'demo.in ner': { tables: ['t'] } }
  decoded = []
  emptyEngine()
  session = createTestSession({
    startEngine: async () => nodeEngine(wasm),
    decoder: nodeDecoder(),
    planTable,
    planMetadataTable,
    readView,
    lakeNames,
  })
})

function emptyEngine() {
  for (const schema of ['shadow', 'held', 'lake']) wasm.run(`drop schema if exists ${schema} cascade`)
}

describe('a query over a table of the lake', () => {
  test('returns its rows, and loads only the columns it needs, once', async () => {
    const sql = 'select origin, sum(delay) as total from demo.flights group by 1 order by 2 desc limit 2'
    const result = await runQuery(sql)
    expect(toRows(result)).toEqual(await runNatively(sql))
    const columnCounts = { columnsRead: 2, totalColumns: 4, cachedColumns: 0 }
    expect(result).toMatchObject({ rowCount: 2, isTruncated: false, ...columnCounts })
    expect(result.columns).toEqual([
      { name: 'origin', type: 'string', sqlType: 'VARCHAR' },
      { name: 'total', type: 'decimal(38, 0)', sqlType: 'HUGEINT' },
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
    const withOneMore = await runQuery('select origin, delay, "Date" from demo.flights')
    expect(withOneMore).toMatchObject({ columnsRead: 3, cachedColumns: 2 })
    const other = await runQuery('select delay, origin from demo.flights limit 3')
    expect(other).toMatchObject({ columnsRead: 2, cachedColumns: 2, cost: { filesRead: 0 } })
  })

  test('has no cached columns of a table without rows', async () => {
    const sql = 'select origin, delay from demo.empty'
    for (const text of [sql, `${sql} where delay > 1`])
      expect(await runQuery(text)).toMatchObject({ columnsRead: 2, cachedColumns: 0, cost: { filesRead: 0 } })
    const cost = await session.estimateCost(toRequest(sql), new AbortController().signal)
    expect(cost).toMatchObject({ columns: 2, cachedColumns: 0, readBytes: 0, totalFiles: 0 })
  })

  test('reads a snapshot with another schema by field id, and says which of its columns the snapshot lacks', async () => {
    const leg: Type = {
      type: 'struct',
      fields: [
        { id: 11, name: 'stand', type: 'int', required: false },
        { id: 12, name: 'terminal', type: 'string', required: false },
      ],
    }
    const schema: Schema = {
      schemaId: 1,
      identifierFieldIds: [],
      fields: [
        { id: 2, name: 'late_by', type: 'long', required: false },
        { id: 4, name: 'leg', type: leg, required: false },
        { id: 5, name: 'delay', type: 'string', required: false },
      ],
    }
    const readWith = { identifier: { catalog: 'local', namespace: ['demo'], table: 'flights' }, schema }
    const source = 'demo.flights for version as of 7'
    const sql = `select max(late_by), max(leg.stand), count(leg.terminal), count(delay) from ${source}`
    const result = await runQuery(sql, { readWith })
    expect(toRows(result)).toEqual([['2999', '39', '0', '0']])
    expect(result.absentColumns).toEqual(['leg.terminal', 'delay'])

    const known = await runQuery(`select max(late_by) from ${source}`, { readWith })
    expect(known.absentColumns).toBeUndefined()
    // Without it, and in another table, names are those of the snapshot.
    expect(toRows(await runQuery(`select max(delay) from ${source}`))).toEqual([['2999']])
    expect((await runQuery('select max(id) from demo.groups', { readWith })).rowCount).toBe(1)
  })

  describe('metadata columns', () => {
    beforeAll(() => {
      files = files.map((file, i) => ({
        ...file,
        origin: {
          path: `lake/${i}.parquet`,
          sequenceNumber: i + 1,
          firstRowId: i === 2 ? null : String(i * 1000 + 50),
        },
      }))
    })

    test.each([
      [
        'select _row_id, _last_updated_sequence_number, _file, _pos, delay from demo.flights where delay in (5, 1045, 2999)',
        [
          ['55', '1', 'lake/0.parquet', '5', '5'],
          ['1095', '2', 'lake/1.parquet', '45', '1045'],
          [null, null, 'lake/2.parquet', '999', '2999'],
        ],
      ],
      ['select count(*), sum(_pos) from demo.flights', [['3000', '1498500']]],
      ['with t as (select delay, _pos from demo.flights) select * from t where _pos = 3 and delay < 9', [['3', '3']]],
    ])('%s', async (sql, expected) => {
      expect(toRows(await runQuery(sql))).toEqual(expected)
    })

    test.each([
      'select _pos from demo.flights f natural join (select 7 as delay)',
      'select max(_pos) from (select * from demo.flights)',
    ])('are unknown in %s', async (sql) => {
      await expect(runQuery(sql)).rejects.toThrow(/_pos/)
    })

    test.each([
      'select * from demo.flights where _pos = 1',
      'from demo.flights where _pos = 1',
      'select f.* from demo.flights as f where _row_id = 51',
      'select demo.flights.* from demo.flights where _pos = 1',
      'select distinct on (_file) * from demo.flights where _pos = 1',
      'select f.* from (demo.flights f join demo.flights g using (delay)) where f._pos = 1',
      'select * from demo.flights where _pos = 1 union all select * from demo.flights where _pos = 2',
    ])('are not part of %s', async (sql) => {
      expect((await runQuery(sql)).columns.map(({ name }) => name)).toEqual(['origin', 'delay', 'Date', 'leg'])
    })

    test.each([
      ['select *, _pos from demo.flights limit 1', ['origin', 'delay', 'Date', 'leg', '_pos']],
      ['select * exclude (leg, "Date"), _row_id from demo.flights limit 1', ['origin', 'delay', '_row_id']],
      ['select * exclude leg, _row_id from demo.flights limit 1', ['origin', 'delay', 'Date', '_row_id']],
      [
        'select a.*, b._pos from demo.flights a join demo.flights b using (delay) limit 1',
        ['origin', 'delay', 'Date', 'leg', '_pos'],
      ],
      ['select * from (select delay * 2, _pos from demo.flights) limit 1', ['(delay * 2)', '_pos']],
      ['explain select _pos from demo.flights', ['explain_key', 'explain_value']],
    ])('%s has %j', async (sql, names) => {
      expect((await runQuery(sql)).columns.map(({ name }) => name)).toEqual(names)
    })
  })

  test('columns whose names differ only in case have names of their own', async () => {
    const result = await runQuery('select origin, ORIGIN_2 from demo.cased where origin_2 = 1045')
    expect(toRows(result)).toEqual([['O2', '1045']])
    expect(result.tablesRead[0]?.renamedColumns).toEqual([{ name: 'ORIGIN', queryName: 'ORIGIN_2' }])
    expect((await runQuery('from demo.cased limit 1')).columns.map(({ name }) => name)).toEqual([
      'origin',
      'ORIGIN_2',
      'Date',
      'leg',
    ])
  })

  test('a column with a zero character in its name is read under a name with its sign', async () => {
    expect(toRows(await runQuery('select count(*) from demo.zeroed'))).toEqual([['3000']])
    const result = await runQuery('select "de␀lay" from demo.zeroed where "de␀lay" = 1045')
    expect(toRows(result)).toEqual([['1045']])
    expect(result.tablesRead[0]?.renamedColumns).toEqual([{ name: 'de\0lay', queryName: 'de␀lay' }])
  })

  test('a quoted name of one of them means that column, and another spelling is refused with the names', async () => {
    const sql = 'select "ORIGIN", cased."ORIGIN", ORIGIN_2, origin from demo.cased where "ORIGIN" = 1045'
    expect(toRows(await runQuery(sql))).toEqual([['1045', '1045', '1045', 'O2']])
    const error = await readFailure('select Origin from demo.cased')
    expect([error.message, error.facts.hint]).toEqual([
      '"Origin" is ambiguous: there are columns "origin" and "ORIGIN", whose names differ only in case.',
      'Write "origin" or "ORIGIN_2".',
    ])
    views = { 'demo.v': { representations: [{ dialect: 'duckdb', sql: 'select "ORIGIN" as n from cased' }] } }
    expect(toRows(await runQuery('select max(n) from demo.v'))).toEqual([['2999']])
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
    expect(result).toMatchObject({ rowCount: 100, isTruncated: true })
    expect(decoded).toHaveLength(1)
    expect((await runQuery('from demo.flights limit 100', { maxRows: 100 })).isTruncated).toBe(false)
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
    expect(result.columns.map(({ name, sqlType }) => [name, sqlType]).slice(0, 3)).toEqual([
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
    expect(plans.map(([, asOf]) => asOf)).toEqual([{ snapshotId: '7' }, {}])
  })

  test('the functions for completion have names that can be called, aggregates among them', async () => {
    const functions = await session.listFunctions()
    const names = functions.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['date_trunc', 'quantile_cont', 'round', 'list_filter', 'range']))
    expect(
      names.filter((name) => /^(shobj|obj)_description$|^current_(database|query)|^icu_|^create_sort/.test(name)),
    ).toEqual([])
    expect(names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name) || name.startsWith('read_'))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
    expect(functions.find(({ name }) => name === 'count')?.kind).toBe('aggregate')
  })

  test('the version of the request is that of tables for which the text names none', async () => {
    const sql = 'select count(*) from demo.flights for version as of 7 as f, demo.flights as g'
    await runQuery(sql, { asOf: { ref: 'audit' } })
    expect(plans.map(([, asOf]) => asOf)).toEqual([{ snapshotId: '7' }, { ref: 'audit' }])
  })

  test('a table that is named twice is read at one snapshot, even if it changes in between', async () => {
    let snapshotId = 0
    session = createTestSession({
      startEngine: async () => nodeEngine(wasm),
      decoder: nodeDecoder(),
      planTable: (identifier) => planTable(identifier, { snapshotId: String(++snapshotId) }),
      readView,
    })
    views = { 'demo.v': { representations: [{ dialect: 'duckdb', sql: 'from flights' }] } }
    const result = await runQuery('select count(*) from demo.flights a, demo.flights b, demo.v where a.delay = 1')
    expect(new Set(result.tablesRead.map((read) => read.snapshotId))).toEqual(new Set(['1']))
  })

  test('a column may be qualified with the full table name', async () => {
    const sql = 'select local.demo.flights.delay from local.demo.flights where local.demo.flights.delay = 3'
    expect(toRows(await runQuery(sql))).toEqual([['3']])
  })

  test('times with a zone are instants: an offset counts, and a calendar applies', async () => {
    const result = await runQuery(
      `select "Date"::varchar, date_trunc('hour', "Date")::varchar, "Date", ("Date" + interval 1 month)::date::varchar as day
      from demo.flights where "Date" = '2001-01-01T02:01:00+02'`,
    )
    expect(toRows(result)).toEqual([
      ['2001-01-01 00:01:00+00', '2001-01-01 00:00:00+00', '2001-01-01 00:01:00+00:00', '2001-02-01'],
    ])
    expect(result.columns.map(({ name, sqlType }) => [name, sqlType])).toEqual([
      ['CAST(Date AS VARCHAR)', 'VARCHAR'],
      ["CAST(date_trunc('hour', Date) AS VARCHAR)", 'VARCHAR'],
      ['Date', 'TIMESTAMP WITH TIME ZONE'],
      ['day', 'VARCHAR'],
    ])
  })

  test('aggregates of a table with times with zones are numbers, times and texts as elsewhere', async () => {
    const sql = `select max(delay) - min(delay), max("Date")::date::varchar, date_trunc('day', max("Date"))::varchar,
      count(*)::varchar, extract(epoch from min("Date"))::bigint, hour(max("Date")) from demo.flights`
    expect(toRows(await runQuery(sql))).toEqual([
      ['2999', '2001-01-03', '2001-01-03 00:00:00+00', '3000', '978307200', '1'],
    ])
  })

  test('a view may use the calendar of times with a zone', async () => {
    const sql = `select date_trunc('day', "Date") as day, extract(hour from "Date") as hour from flights`
    views = { 'demo.v': { representations: [{ dialect: 'duckdb', sql }] } }
    const result = await runQuery('select max(hour), max(day)::date::varchar from demo.v')
    expect(toRows(result)).toEqual([['23', '2001-01-03']])
  })

  test('what needs more of a time zone than there is names itself, and says what to write', async () => {
    const refused = [
      `select time_bucket(interval 1 hour, "Date", 'Europe/Berlin') from demo.flights`,
      `select strftime("Date", '%H %Z') from demo.flights`,
      `select "Date"::timetz from demo.flights`,
      `select "Date" at time zone origin from demo.flights`,
      `select unnest(range("Date", "Date", interval 1 hour)) from demo.flights`,
      `select ["Date"]::date[] from demo.flights`,
      `select try_cast(["Date"] as date[]) from demo.flights`,
    ]
    for (const sql of refused) {
      const error = await readFailure(sql)
      expect([error.code, error.message, error.facts.hint]).toEqual([
        'query-failed',
        expect.any(String),
        expect.any(String),
      ])
      expect(error.message).not.toContain('lakeshore')
    }
  })

  test.each([
    [
      `select "Date" at time zone 'Nope/Zone' from demo.flights`,
      'Unknown time zone Nope/Zone.',
      "Write it as in 'Europe/Berlin' or 'UTC'.",
    ],
    [`select timezone('berlin', "Date") from demo.flights`, 'Unknown time zone berlin.', 'Did you mean Europe/Berlin?'],
    [
      `select "Date" at time zone '+02:00' from demo.flights`,
      'Unknown time zone +02:00.',
      "Write it as in 'Europe/Berlin' or 'UTC'.",
    ],
    [
      'select count(*) from demo.flights having max("Date") - min("Date") > interval 1 hour',
      'Query does not support calculations with aggregates in HAVING next to times with a zone.',
      'Compute them in a subquery, and write the condition in the WHERE around it.',
    ],
    [
      `select range("Date", "Date", interval 1 hour) from demo.flights`,
      'DuckDB in this browser cannot do this with a timestamp with time zone.',
      expect.stringContaining("AT TIME ZONE 'UTC'"),
    ],
    [
      `from generate_series(timestamptz '2023-01-01', timestamptz '2023-01-02', interval 1 hour)`,
      'DuckDB in this browser has no generate_series of a timestamptz.',
      expect.stringContaining('Write generate_series('),
    ],
    [
      `select make_timestamptz(2023, 1, 1, 0, 0, 0, 'berlin')`,
      'Unknown time zone berlin.',
      'Did you mean Europe/Berlin?',
    ],
    [
      `select '{}'::json`,
      'Query has no JSON type and no JSON functions: DuckDB in this browser is without them (json).',
      expect.stringContaining('regexp_extract'),
    ],
    [
      "from read_csv('http://a/b.csv')",
      'Query does not have read_csv: it reads tables of the lake, and single Parquet files.',
      expect.stringContaining('dropped:'),
    ],
    [
      "from glob('*')",
      'Query does not have glob: it reads tables of the lake, and single Parquet files.',
      expect.stringContaining('dropped:'),
    ],
    [
      'select * from demo.flights$nope',
      'There is no metadata table nope of demo.flights.',
      expect.stringMatching(/^Available: .*partitions, position_deletes/),
    ],
  ])('%s is refused in words of the product', async (sql, message, hint) => {
    const error = await readFailure(sql)
    expect([error.message, error.facts.hint]).toEqual([message, hint])
  })

  test('a view may subtract times of different rows', async () => {
    const sql = 'select "Date" - lag("Date") over (order by delay) as pause from flights'
    views = { 'demo.v': { representations: [{ dialect: 'duckdb', sql }] } }
    expect(toRows(await runQuery('select max(pause)::varchar, count(*) from demo.v'))).toEqual([['00:01:00', '3000']])
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
      ['Date', 'TIMESTAMP WITH TIME ZONE'],
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

describe('SHOW lists what the user may see,', () => {
  const show = async (sql: string) => toRows(await runQuery(sql))

  test('the tables and views of a connection, of a namespace, and those with a name', async () => {
    const ofDemo = [
      ['demo', 'flights', 'table'],
      ['demo', "it's", 'table'],
      ['demo', 'routes', 'view'],
    ]
    const result = await runQuery('show tables')
    expect(result.columns.map(({ name }) => name)).toEqual(['namespace', 'name', 'type'])
    const ofHistory = ['columns_daily', 'commits', 'files_daily'].map((name) => ['lakeshore', name, 'table'])
    expect(toRows(result)).toEqual([...ofDemo, ['demo."in ner"', 't', 'table'], ...ofHistory])
    expect(await show('show tables from lakeshore')).toEqual(ofHistory)
    namespaces.lakeshore = { tables: ['commits', 'mine'] }
    expect(await show('show tables from lakeshore')).toEqual([...ofHistory, ['lakeshore', 'mine', 'table']])
    expect(await show('show tables from local.lakeshore')).toEqual(
      ['commits', 'mine'].map((name) => ['lakeshore', name, 'table']),
    )
    delete namespaces.lakeshore
    expect(await show('SHOW TABLES FROM demo')).toEqual(ofDemo)
    expect(await show("show tables in local.demo like '%''%'")).toEqual([['demo', "it's", 'table']])
    expect(await show('show views from demo')).toEqual([['demo', 'routes']])
    expect(await show('show views from demo."in ner"')).toEqual([])
  })

  test('the namespaces and the connections', async () => {
    expect(await show('show namespaces')).toEqual([['demo'], ['demo."in ner"'], ['lakeshore']])
    expect(await show('show schemas from demo')).toEqual([['demo."in ner"']])
    expect(await show('show catalogs')).toEqual([['local']])
  })

  test('and fails at the name of a namespace that does not exist', async () => {
    expect(await readFailure('show tables from nope')).toMatchObject({
      code: 'not-found',
      facts: { start: 17, end: 21 },
    })
  })

  test('and an estimate of it requests nothing', async () => {
    await session.estimateCost(toRequest('show tables'), new AbortController().signal)
    expect(nameRequests).toEqual([])
  })

  test('and more namespaces than are listed are an error, not a shorter list', async () => {
    for (let i = 0; i < 200; i++) namespaces[`n${i}`] = {}
    expect(await readFailure('show tables')).toMatchObject({
      code: 'too-large',
      facts: { hint: 'Name one of them, such as SHOW TABLES FROM demo.' },
    })
  })
})

describe('DESCRIBE', () => {
  test('says which columns of a table are required', async () => {
    const sql = 'describe demo.mixed'
    const nulls = (rows: (string | null)[][]) => rows.map(([name, , isNull]) => [name, isNull])
    const result = await runQuery(sql)
    expect(result.columns.map(({ name }) => name)).toEqual([
      'column_name',
      'column_type',
      'null',
      'key',
      'default',
      'extra',
    ])
    const expected = [
      ['origin', 'YES'],
      ['delay', 'NO'],
    ]
    expect(nulls(toRows(result)).slice(0, 2)).toEqual(expected)
    const nested = `select column_name, column_type, "null" from (desc demo.mixed) where column_name in ('origin', 'delay')`
    expect(nulls(toRows(await runQuery(nested)))).toEqual(expected)
    // In a query, any column may be null.
    expect(nulls(toRows(await runQuery('describe select delay from demo.mixed')))).toEqual([['delay', 'YES']])
    expect(decoded).toEqual([])
  })

  test('of a metadata table works, and SUMMARIZE reads the rows', async () => {
    expect(toRows(await runQuery('describe demo.flights$snapshots')).map(([name, , isNull]) => [name, isNull])).toEqual(
      [
        ['snapshot_id', 'NO'],
        ['operation', 'YES'],
      ],
    )
    const summary = await runQuery('summarize demo.flights')
    expect(summary.rowCount).toBe(4)
    expect(toRows(summary)[1]?.slice(0, 4)).toEqual(['delay', 'BIGINT', '0', '2999'])
  })
})

describe('a metadata table', () => {
  test('with a dot needs no look for a table or view where the namespace does not exist', async () => {
    expect(toRows(await runQuery('select count(*) from demo.flights.snapshots'))).toEqual([['2']])
    expect(plans).toEqual([])
    expect(viewReads).toEqual([])
    const of = (table: string, ...levels: string[]) => ({ catalog: 'local', namespace: ['demo', ...levels], table })
    for (const identifier of [of('snapshots', 'flights'), of('flights$snapshots')])
      expect((await session.readFields(identifier, {}, new AbortController().signal)).map(({ name }) => name)).toEqual([
        'snapshot_id',
        'operation',
      ])
    expect(plans).toEqual([])
    // A namespace of this name may have a table `snapshots`, which comes first.
    namespaces['demo.flights'] = {}
    expect(toRows(await runQuery('select count(*) from demo.flights.snapshots'))).toEqual([['2']])
    expect(plans).toEqual([[of('snapshots', 'flights'), {}]])
  })

  test('is read with the columns that a query needs, and exactly', async () => {
    const result = await runQuery('select max(snapshot_id) from demo.flights$snapshots')
    expect(toRows(result)).toEqual([['9007199254740993']])
    expect(metadataReads).toEqual([['snapshot_id']])
    const identifier = { catalog: 'local', namespace: ['demo'], table: 'flights' }
    expect(result.tablesRead).toMatchObject([{ identifier, metadataTable: 'snapshots' }])
    expect(plans).toEqual([])
    expect(toRows(await runQuery('select count(*) from demo.flights.snapshots'))).toEqual([['2']])
    expect(result).toMatchObject({ columnsRead: 1, cachedColumns: 0 })
    expect(result.cost.readBytes).toBeGreaterThan(0)
    const again = await runQuery('select min(snapshot_id) from demo.flights$snapshots')
    expect(again).toMatchObject({ columnsRead: 1, cachedColumns: 1, cost: { readBytes: 0 } })
  })

  test('is counted without its values, and its first rows alone are read for a LIMIT', async () => {
    expect(toRows(await runQuery('select count(*) from demo.flights$files'))).toEqual([['2']])
    expect(metadataReads).toEqual([[]])
    expect((await runQuery('select operation from demo.flights$entries limit 0')).rowCount).toBe(0)
  })

  test('names its bounds that cannot be shown, also when its rows are cached, where a query reads them', async () => {
    const file = { column: 'city', file: 'a.parquet' }
    for (const sql of ['select * from demo.flights$files', 'select max(readable_metrics) from demo.flights$files'])
      expect((await runQuery(sql)).unreadableBounds).toEqual({ count: 2, named: [file, file] })
    for (const sql of [
      'select max(operation) from demo.flights$files',
      'select count(*) from demo.flights$files',
      'select * from demo.flights$entries',
    ])
      expect(await runQuery(sql)).not.toHaveProperty('unreadableBounds')
  })

  test('names those of the rows that a query reads, whatever others read of it', async () => {
    const first = 'select readable_metrics from demo.flights$data_files limit 1'
    const all = 'select operation, readable_metrics from demo.flights$data_files'
    await runQuery('select max(operation) from demo.flights$data_files')
    expect((await runQuery(first)).unreadableBounds).toMatchObject({ count: 1 })
    expect((await runQuery(all)).unreadableBounds).toMatchObject({ count: 2 })
    expect(await runQuery('select max(operation) from demo.flights$data_files')).not.toHaveProperty('unreadableBounds')
  })

  test('has the version or the time that a query names', async () => {
    await runQuery(
      "select * from demo.flights$files for version as of 7 a, demo.flights$refs for timestamp as of '2001-03-06' b",
    )
    expect(metadataPlans).toEqual([
      ['flights', 'files', { snapshotId: '7' }],
      ['flights', 'refs', { atMs: Date.UTC(2001, 2, 6) }],
    ])
  })

  test('joins with its table, under its own name', async () => {
    const sql = `select flights$snapshots.operation, count(*) from demo.flights join demo.flights$snapshots
      on delay = flights$snapshots.snapshot_id group by all`
    expect(toRows(await runQuery(sql))).toEqual([['delete', '1']])
  })

  test('in a view is read under the grants of the reader', async () => {
    views['demo.changes'] = {
      representations: [{ dialect: 'trino', sql: 'select operation o from "flights$snapshots"' }],
    }
    views['demo.hidden'] = { representations: [{ dialect: 'duckdb', sql: 'from demo.secret$files' }] }
    const result = await runQuery('select o from demo.changes order by 1')
    expect(toRows(result)).toEqual([['append'], ['delete']])
    expect(result.tablesRead).toMatchObject([{ metadataTable: 'snapshots', views: ['demo.changes'] }])
    expect(await readFailure('select * from demo.hidden')).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('demo.hidden reads demo.'),
    })
  })

  test('of a view is refused by its name', async () => {
    views['demo.v'] = { representations: [{ dialect: 'duckdb', sql: 'select 1 as x' }] }
    for (const sql of ['from demo.v.snapshots', 'from demo.v$snapshots'])
      expect((await readFailure(sql)).message).toMatch(
        /demo\.v is a view, and views have no metadata tables such as snapshots/,
      )
  })
})

describe('a view', () => {
  const field = (name: string, id: number): NestedField => ({ id, name, type: 'long', required: false })
  const defineView = (name: string, sql: string, more: Partial<ViewDefinition> = {}) => {
    views[name] = { representations: [{ dialect: 'duckdb', sql }], ...more }
  }

  test('is read like a table: alone, in joins, in common tables, described, with columns by its full name', async () => {
    defineView('demo.late', 'select origin, max(delay) as worst from flights group by all -- by airport')
    const expanded = '(select origin, max(delay) as worst from demo.flights group by all)'
    for (const sql of [
      'select * from demo.late order by 1',
      'select demo.late.worst from demo.late order by late.worst limit 2',
      'select f.delay, l.worst from demo.flights f join demo.late l using (origin) order by all limit 3',
      'with v as (from local.demo.late) select count(*), min(worst) from v',
    ])
      expect(toRows(await runQuery(sql)), sql).toEqual(
        await runNatively(
          sql
            .replace('demo.late.worst', 'late.worst')
            .replace(/(local\.)?demo\.late( l)?/, `${expanded} as ${sql.includes(' l ') ? 'l' : 'late'}`),
        ),
      )
    expect(toRows(await runQuery('describe demo.late')).map(([name]) => name)).toEqual(['origin', 'worst'])
    expect(toRows(await runQuery('summarize demo.late')).map(([name]) => name)).toEqual(['origin', 'worst'])
  })

  test('is not looked up as a table when the request knows it, and a table under that name is found all the same', async () => {
    defineView('demo.late', 'select origin from flights')
    const named = (table: string) => ({ catalog: 'local', namespace: ['demo'], table })
    const looked = () => plans.map(([{ table }]) => table)
    await runQuery('from demo.late limit 1', { knownViews: [named('late')] })
    expect(looked()).toEqual(['flights'])
    plans = []
    await runQuery('from demo.flights limit 2', { knownViews: [named('flights')] })
    expect(looked()).toContain('flights')
  })

  test('loads only the columns that the query needs, and says which tables and which SQL it read', async () => {
    defineView('demo.late', 'select * from flights where delay > 2990', {
      representations: [
        { dialect: 'trino', sql: 'select date_format(x) from flights' },
        { dialect: 'spark', sql: 'SELECT * FROM `demo`.flights WHERE delay > 2990' },
      ],
    })
    const result = await runQuery('select count(*), max(origin) from demo.late')
    expect(toRows(result)).toEqual([['9', 'O6']])
    expect(decoded[0]?.columns).toEqual(['origin', 'delay'])
    const late = { catalog: 'local', namespace: ['demo'], table: 'late' }
    expect(result.viewsRead).toEqual([{ identifier: late, dialect: 'spark' }])
    expect(result.tablesRead).toMatchObject([
      { identifier: { ...late, table: 'flights' }, snapshotId: NEWEST_SNAPSHOT, views: ['demo.late'] },
    ])
  })

  test('is not taken for the same version under another name, whose SQL means other tables', async () => {
    defineView('demo.one', 'select 1 as x', { key: 'same 1' })
    defineView('demo.two', 'select 2 as x', { key: 'same 1' })
    expect(toRows(await runQuery('select one.x as a, two.x as b from demo.one, demo.two'))).toEqual([['1', '2']])
  })

  test('that cuts rows is not cut again before that', async () => {
    defineView('demo.later', 'select delay from flights offset 2990')
    defineView('demo.plain', 'select delay from flights')
    expect(toRows(await runQuery('select * from demo.later limit 2'))).toEqual([['2990'], ['2991']])
    // All rows that a result may have, so that the limit alone does not identify the view.
    defineView('demo.cut', `select delay from flights limit ${MAX_ROWS - 2990} offset 2990`)
    expect(toRows(await runQuery('select * from demo.cut limit 2'))).toEqual([['2990'], ['2991']])
    decoded = []
    expect(toRows(await runQuery('select * from demo.plain limit 2 offset 5'))).toHaveLength(2)
    const cost = await session.estimateCost(
      toRequest('select leg from demo.flights limit 5'),
      new AbortController().signal,
    )
    expect(cost.files).toBe(1)
  })

  test('may read other views, in its own namespace and catalog', async () => {
    defineView('other.inner', 'select delay, origin from lake_of_spark.demo.flights', {
      defaultCatalog: 'lake_of_spark',
      defaultNamespace: ['other'],
    })
    defineView('demo.outer', 'select max(delay) as d from inner_one join other.inner using (delay)')
    defineView('demo.inner_one', 'select delay from flights for version as of 7')
    const result = await runQuery('select d from demo.outer')
    expect(toRows(result)).toEqual([['2999']])
    expect(result.tablesRead.map(({ snapshotId, views: through }) => [snapshotId, through])).toEqual([
      ['7', ['demo.outer', 'demo.inner_one']],
      [NEWEST_SNAPSHOT, ['demo.outer', 'other.inner']],
    ])
    expect(new Set(plans.map(([{ catalog }]) => catalog))).toEqual(new Set(['local']))
  })

  test('has the columns that it declares, whatever its tables have received since', async () => {
    const fields = [field('delay', 1), field('origin', 2)]
    defineView('demo.star', 'select * from flights where delay = 3', { fields })
    expect(toRows(await runQuery('select * from demo.star'))).toEqual([['3', 'O3']])
    defineView('demo.renamed', 'select delay, origin from flights where delay = 3', {
      fields: [field('minutes', 1), field('airport', 2)],
    })
    expect((await runQuery('select * from demo.renamed')).columns.map(({ name }) => name)).toEqual([
      'minutes',
      'airport',
    ])
    defineView('demo.short', 'select delay from flights', { fields })
    expect((await readFailure('select * from demo.short')).message).toMatch(
      /returns 1 columns, and the view declares 2/,
    )
  })

  test('is found at once by later queries, and a table that replaced it is found too', async () => {
    defineView('demo.v', 'select 1 as one')
    await runQuery('select * from demo.v')
    plans = []
    await runQuery('select * from demo.v')
    expect(plans).toEqual([])
    views = {}
    expect((await readFailure('select * from demo.v')).message).toBe('There is no table v.')
    expect(plans).toHaveLength(1)
  })

  test.each([
    [{ a: 'select * from b', b: 'select * from a' }, 'The view reads itself: demo.a → demo.b → demo.a.'],
    [
      Object.fromEntries(
        Array.from({ length: 10 }, (_, i) => ['abcdefghij'.charAt(i), `from ${'bcdefghijk'.charAt(i)}`]),
      ),
      'demo.i is more than 8 views deep.',
    ],
    [{ a: 'select * from no_such' }, 'The view demo.a reads demo.no_such: There is no table no_such.'],
    [
      { a: 'select delai from flights' },
      'The view demo.a cannot be read. Referenced column "delai" not found in FROM clause!',
    ],
    [{ a: 'drop table flights' }, /demo.a cannot be read. DROP is not allowed: Query is read-only/],
    [
      { a: "from flights for timestamp as of '2001-03-06'" },
      /has no time zone, and a view does not say which one it means/,
    ],
  ])('is refused with the reason: %j', async (definitions, message) => {
    for (const [name, sql] of Object.entries(definitions)) defineView(`demo.${name}`, sql)
    const sql = 'select * from demo.a'
    const error = await readFailure(sql)
    expect(error.message).toMatch(message)
    expect(sql.slice(Number(error.facts.start), Number(error.facts.end))).toBe('demo.a')
    expect(toRows(await runQuery('select count(*) from demo.flights'))).toEqual([['3000']])
  })

  test('completes its columns once it was named in a query', async () => {
    const fields = [field('delay', 1)]
    defineView('demo.v', 'select delay from flights', { fields })
    await runQuery('select * from demo.v')
    const identifier = { catalog: 'local', namespace: ['demo'], table: 'v' }
    expect(await session.readFields(identifier, {}, new AbortController().signal)).toEqual(fields)
  })

  test('without SQL for DuckDB is refused with the reason for each dialect', async () => {
    defineView('demo.v', '', {
      representations: [
        { dialect: 'flink', sql: 'select 1' },
        { dialect: 'spark', sql: 'select date_format(Date) from flights' },
      ],
    })
    expect(await readFailure('select * from demo.v')).toMatchObject({
      code: 'not-supported',
      message:
        'The view demo.v has no SQL that can run in DuckDB. spark: it uses date_format(), which may differ in DuckDB; flink: Query does not know this dialect.',
      facts: { hint: 'Query the tables that it reads, or ask its owner to add SQL in the dialect duckdb.' },
    })
  })

  test('names no table that only its refused SQL reads', async () => {
    defineView('demo.v', '', {
      representations: [
        { dialect: 'duckdb', sql: 'select no_such_function(id) from bomb' },
        { dialect: 'spark', sql: 'select max(delay) as d from flights' },
      ],
    })
    const result = await runQuery('select * from demo.v')
    expect(toRows(result)).toEqual([['2999']])
    expect(result.tablesRead.map(({ identifier: { table } }) => table)).toEqual(['flights'])
    expect(result.totalColumns).toBe(4)
  })

  test('without a default namespace has to name one', async () => {
    defineView('demo.v', 'select * from flights', { defaultNamespace: [] })
    expect((await readFailure('select * from demo.v')).message).toBe(
      'The view names flights without a namespace, and has no default one.',
    )
  })

  test('has no snapshots', async () => {
    defineView('demo.v', 'select * from flights')
    const error = await readFailure('select * from demo.v x, demo.v for version as of 3')
    expect(error.message).toBe('demo.v is a view, and views have no snapshots.')
  })
})

describe('a result says what it read', () => {
  test('each table with its snapshot, the time of its commit and what the query named', async () => {
    const result = await runQuery(
      `select count(*) from demo.flights, demo.flights for version as of 7 as f,
        demo.flights for timestamp as of '21 Nov 2021, 02:35:42.517' as g, demo.flights again, demo.empty`,
    )
    const committedAtMs = COMMITTED_AT_MS
    expect(result.tablesRead.map(({ identifier: { table }, ...read }) => ({ table, ...read }))).toEqual([
      { table: 'flights', asOf: {}, snapshotId: NEWEST_SNAPSHOT, committedAtMs, views: [] },
      { table: 'flights', asOf: { snapshotId: '7' }, snapshotId: '7', committedAtMs, views: [] },
      {
        table: 'flights',
        asOf: { atMs: COMMITTED_AT_MS },
        snapshotId: NEWEST_SNAPSHOT,
        committedAtMs,
        views: [],
      },
      { table: 'empty', asOf: {}, snapshotId: null, committedAtMs: null, views: [] },
    ])
  })

  test('how long it took, in parts that add up', async () => {
    const { timing } = await runQuery('select sum(delay) from demo.flights')
    const { startMs, planMs, confirmMs, loadMs, runMs, totalMs } = timing
    expect(startMs + planMs + confirmMs + loadMs + runMs).toBeCloseTo(totalMs, 6)
    expect(loadMs).toBeGreaterThan(0)
  })
})

describe('DuckDB is started ahead of the first query', () => {
  test('and the first query does not start it again', async () => {
    let starts = 0
    const startEngine = async () => {
      starts++
      return nodeEngine(wasm)
    }
    session = createTestSession({ startEngine, decoder: nodeDecoder(), planTable, planMetadataTable, readView })
    await session.start()
    expect(starts).toBe(1)
    expect(plans).toEqual([])
    await runQuery('select count(*) from demo.flights')
    expect(starts).toBe(1)
  })

  test('and a query that waits for that start counts the wait', async () => {
    const startEngine = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      return nodeEngine(wasm)
    }
    session = createTestSession({ startEngine, decoder: nodeDecoder(), planTable, planMetadataTable, readView })
    const started = session.start()
    const { timing } = await runQuery('select 1')
    await started
    expect(timing.startMs).toBeGreaterThan(250)
    expect(timing.totalMs).toBeGreaterThan(timing.startMs)
  })

  test('and a failure of that start is followed by another one, for the query that needs it', async () => {
    let starts = 0
    const startEngine = async () => {
      starts++
      if (starts === 1) throw new Error('offline')
      return nodeEngine(wasm)
    }
    session = createTestSession({ startEngine, decoder: nodeDecoder(), planTable, planMetadataTable, readView })
    await expect(session.start()).rejects.toThrow('offline')
    expect(toRows(await runQuery('select count(*) from demo.flights'))).toEqual([['3000']])
    expect(starts).toBe(2)
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
    expect(cost.readBytes).toBeLessThan(cost.totalBytes ?? 0)
    expect(decoded).toEqual([])
    const result = await session.run(request, options())
    // The footers were read for the estimate, are not read again, and count as bytes of this load.
    expect(result.cost.readBytes).toBe(cost.readBytes)
    const { signal } = new AbortController()
    const cached = { readBytes: 0, files: 0, cachedColumns: 2 }
    expect(await session.estimateCost(request, signal)).toMatchObject(cached)
    // Another engine has loaded none of them.
    expect(await session.estimateCost(request, signal, { ignoresCache: true })).toEqual(cost)
  })

  test.each([
    [`"Date" < '2001-01-02 00:35'`, ['2001-01-02 00:35']],
    [`"Date" between '2001-01-01' and timestamptz '2001-01-02T00:00:00'`, ['2001-01-01', '2001-01-02T00:00:00']],
    [`"Date" < '2001-01-02 00:35:00+01' and origin <> '2001-01-02'`, []],
    [`"Date" in ('2001-01-01 10:00', '2001-01-01 15:00:00+01')`, ['2001-01-01 10:00']],
  ])('with the instants of times without an offset: %s', async (condition, texts) => {
    const request = toRequest(`select delay from demo.flights where ${condition}`)
    const { timesInUtc = [] } = await session.estimateCost(request, new AbortController().signal)
    expect(timesInUtc.map(({ text }) => text)).toEqual(texts)
    for (const { text, micros } of timesInUtc)
      expect(micros).toBe(BigInt(Date.parse(`${text.replace(' ', 'T').padEnd(16, 'T00:00')}Z`)) * 1000n)
  })

  test('of all tables of a join, as many as its result counts', async () => {
    session = createTestSession({
      startEngine: async () => nodeEngine(wasm),
      decoder: nodeDecoder(),
      planTable: async (identifier, asOf, planOptions) => {
        const scan = await planTable(identifier, asOf, planOptions)
        if (identifier.table !== 'flights') return scan
        const [first] = await scan.files.at([0], planOptions.signal)
        if (!first) throw new Error('demo.flights has no files')
        const filtered = { files: knownFiles([first]), fileCount: 1, rowCount: first.recordCount }
        return { ...scan, planFiltered: async () => ({ snapshotId: scan.snapshotId, ...filtered }) }
      },
      planMetadataTable,
      readView,
      minFilteredBytes: 0,
    })
    const request = toRequest(
      'select f.delay, g.story from demo.flights f join demo.groups g on f.delay = g.id where f.delay < 10',
    )
    const cost = await session.estimateCost(request, new AbortController().signal)
    const { cost: load, filteredFiles } = await session.run(request, options())
    expect(cost).toMatchObject({ files: 2, totalFiles: 4, isFiltered: true })
    expect(load.filesRead).toBe(2)
    expect(load.readBytes).toBeLessThanOrEqual(cost.readBytes)
    expect(filteredFiles).toEqual({ files: 2, totalFiles: 4 })
  })

  test('only the first files if the first rows are enough', async () => {
    const cost = await session.estimateCost(
      toRequest('select delay from demo.flights limit 5'),
      new AbortController().signal,
    )
    expect(cost).toMatchObject({ files: 1, isFirstRowsOnly: true })
  })

  test.each([
    'select delay from demo.flights limit 5',
    'select delay, origin from demo.flights where delay < 10',
    `select delay from demo.flights where origin = 'LEG0'`,
    'select f.delay, g.story from demo.flights f join demo.groups g on f.delay = g.id',
    'select "Date", origin from demo.flights',
  ])(
    'with at least the bytes that are read then, in this process and in one that has read no footers: %s',
    async (sql) => {
      const create = () =>
        createTestSession({
          startEngine: async () => nodeEngine(wasm),
          decoder: nodeDecoder(),
          planTable,
          planMetadataTable,
          readView,
          minFilteredBytes: 0,
        })
      session = create()
      const cost = await session.estimateCost(toRequest(sql), new AbortController().signal)
      const here = await session.run(toRequest(sql), options())
      emptyEngine()
      const elsewhere = await create().run(toRequest(sql), options())
      expect(here.cost.readBytes).toBeGreaterThan(0)
      expect(here.cost.readBytes).toBeLessThanOrEqual(cost.readBytes)
      expect(elsewhere.cost.readBytes).toBeLessThanOrEqual(cost.readBytes)
    },
  )
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
      'Write its namespace first, such as demo.flights, or define a common table expression of that name.',
    ],
    ['delete from demo.flights', 'query-failed', 'delete', undefined],
    ['select * from demo.gone.snapshots', 'not-found', 'demo.gone.snapshots', undefined],
    ['select * from demo.gone$snapshots', 'not-found', 'demo.gone$snapshots', undefined],
    ['select * from demo.flights for version as of gone', 'not-found', 'demo.flights', undefined],
    ['', 'query-failed', '', undefined],
  ])('%s', async (sql, code, markedText, hint) => {
    const error = await readFailure(sql)
    expect(error.code).toBe(code)
    expect(sql.slice(Number(error.facts.start ?? 0), Number(error.facts.end ?? 0))).toContain(markedText)
    expect(error.facts.hint).toBe(hint)
  })

  test('is planned again when the user retries, and the request says so', async () => {
    const retries: boolean[] = []
    session = createTestSession({
      startEngine: async () => nodeEngine(wasm),
      decoder: nodeDecoder(),
      planTable: async (identifier, asOf, { isRetry }) => {
        retries.push(isRetry)
        return planTable(identifier, asOf)
      },
      readView,
    })
    const request = toRequest('select count(*) from demo.flights')
    await session.run(request, options())
    await session.run(request, { ...options(), isRetry: true })
    expect(retries).toEqual([false, true])
  })

  test('columns too large for a browser are refused before anything is loaded', async () => {
    session = createTestSession({
      startEngine: async () => nodeEngine(wasm),
      decoder: nodeDecoder(),
      planTable,
      readView,
      maxBytes: 10_000,
    })
    expect(await readFailure('select sum(delay) from demo.flights')).toMatchObject({ code: 'too-large' })
    expect(decoded).toEqual([])
    expect(toRows(await runQuery('select count(*) from demo.flights'))).toEqual([['3000']])
  })

  test('a table whose rows alone are too many is refused before its files are listed', async () => {
    const listed: string[] = []
    const refuse = (what: string) => () => {
      listed.push(what)
      throw new AppError('internal', `files were listed: ${what}`)
    }
    session = createTestSession({
      startEngine: async () => nodeEngine(wasm),
      decoder: nodeDecoder(),
      planTable: async (identifier, asOf) => ({
        ...(await planTable(identifier, asOf)),
        files: { list: refuse('list'), at: refuse('at') },
        fileCount: 1_000_000,
        rowCount: 1_000_000_000,
        fileBytes: null,
      }),
      readView,
    })
    expect(await readFailure('select sum(delay) from demo.flights')).toMatchObject({ code: 'too-large' })
    expect(listed).toEqual([])
    expect(toRows(await runQuery('select count(*) from demo.flights'))).toEqual([['1000000000']])
  })

  test('a column that would exceed the memory of a tab is refused by name; the other columns can be read', async () => {
    const error = await readFailure('select * from demo.bomb')
    expect(error).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('column story: these rows take more than 512 MiB of memory'),
      facts: { file: path.join(folder, 'bomb.parquet') },
    })
    expect(toRows(await runQuery('select max(id) from demo.bomb'))).toEqual([['599999']])
  })

  test('a result larger than the limit is refused, and the next query runs', async () => {
    const [limitMib, limitText] = byCases<[number, string]>([8, '8.00 MiB'], [MAX_RESULT_BYTES / MIB, '256 MiB'])
    const run = (sql: string) =>
      session.run(toRequest(sql, { maxRows: MAX_ROWS }), { ...options(), maxResultBytes: limitMib * MIB })
    const rowCount = 120 * limitMib
    // The pieces are long: DuckDB appends a piece at a time, which takes seconds for single letters.
    await expect(run(`select repeat(repeat('y', 1000), 10) from range(${rowCount})`)).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining(`The result is larger than ${limitText}`),
    })
    const chars = 10_000 * rowCount
    expect(toRows(await run(`select length(repeat(repeat('y', 10000), ${rowCount}))`))).toEqual([[String(chars)]])
  })

  test('row groups that exceed the limit together are decoded one by one', async () => {
    const decoder = nodeDecoder()
    const columns: Decoder['decodeColumns'] = async (file, order, signal) => {
      if (order.rowGroups.length > 1) throw new AppError('too-large', 'These row groups are too large together.')
      return await decoder.decodeColumns(file, order, signal)
    }
    session = createTestSession({
      startEngine: async () => nodeEngine(wasm),
      decoder: { ...decoder, decodeColumns: columns },
      planTable,
      readView,
    })
    const sql = 'select count(*), max(id), sum(length(story)) from demo.groups'
    expect(toRows(await runQuery(sql))).toEqual([['10240', '10239', '10240000']])
    expect(decoded).toHaveLength(5)
  })

  test('the least recently used tables are evicted', async () => {
    session = createTestSession({
      startEngine: async () => nodeEngine(wasm),
      decoder: nodeDecoder(),
      planTable,
      readView,
      maxBytes: 60_000,
    })
    await runQuery('select sum(delay) from demo.flights for version as of 1')
    await runQuery('select sum(delay) from demo.flights for version as of 2')
    await runQuery('select sum(delay) from demo.flights for version as of 3')
    expect(decoded).toHaveLength(9)
    await runQuery('select max(delay) from demo.flights for version as of 3')
    expect(decoded).toHaveLength(9)
    await runQuery('select max(delay) from demo.flights for version as of 1')
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

describe('the result of a statement that ran before', () => {
  const SQL_TEXT = 'select origin, sum(delay) as total from demo.flights where delay > $least group by 1 order by 1'
  const least = (text: string): Partial<QueryRequest> => ({
    parameters: [{ name: 'LEAST', type: 'number', isList: false, text }],
  })

  test('is returned again, with the time of its rows, without reading or running', async () => {
    const first = await runQuery(SQL_TEXT, least('10'))
    expect(first.cachedAtMs).toBeUndefined()
    const before = Date.now()
    const again = await runQuery(`-- totals\n${SQL_TEXT.replace(' where', '\n  where')};`, least('10'))
    expect(again.cachedAtMs).toBeLessThanOrEqual(before)
    expect(toRows(again)).toEqual(toRows(first))
    expect(again).toMatchObject({ cost: { filesRead: 0, readBytes: 0 }, timing: { loadMs: 0, runMs: 0 } })
    // Its tables are resolved each time.
    expect(plans).toHaveLength(2)
  })

  test('is not returned for other values of parameters, another limit, another snapshot or another text', async () => {
    await runQuery(SQL_TEXT, least('10'))
    const others = [
      await runQuery(SQL_TEXT, least('2000')),
      await runQuery(SQL_TEXT, { ...least('10'), maxRows: 3 }),
      await runQuery(SQL_TEXT, { ...least('10'), asOf: { snapshotId: '12' } }),
      await runQuery(SQL_TEXT.replace('total', 'Total'), least('10')),
      await runQuery(SQL_TEXT.replace('flights', 'deleted'), least('10')),
    ]
    expect(others.map(({ cachedAtMs }) => cachedAtMs)).toEqual([undefined, undefined, undefined, undefined, undefined])
    expect(others[1]).toMatchObject({ rowCount: 3, isTruncated: true })
    expect(others[4]?.tablesRead[0]?.identifier.table).toBe('deleted')
  })

  test('is not returned after a commit, and again for the snapshot before it', async () => {
    let snapshotId = NEWEST_SNAPSHOT
    session = createTestSession({
      startEngine: async () => nodeEngine(wasm),
      decoder: nodeDecoder(),
      planTable: (identifier, asOf) => planTable(identifier, { snapshotId, ...asOf }),
      readView,
    })
    const sql = 'select count(*), max(delay) from demo.flights'
    await runQuery(sql)
    snapshotId = '12'
    const after = await runQuery(sql)
    expect(after.cachedAtMs).toBeUndefined()
    expect(after.tablesRead[0]?.snapshotId).toBe('12')
    const past = await runQuery(sql, { asOf: { snapshotId: NEWEST_SNAPSHOT } })
    expect(past.cachedAtMs).toBeDefined()
    expect(past.tablesRead[0]).toMatchObject({ snapshotId: NEWEST_SNAPSHOT, asOf: { snapshotId: NEWEST_SNAPSHOT } })
  })

  test('is read again when a view that it reads has another text, and when the user asks for it', async () => {
    const viewSql = (least: number) => ({
      representations: [{ dialect: 'duckdb', sql: `select delay from flights where delay > ${least}` }],
      key: String(least),
    })
    views = { 'demo.late': viewSql(10) }
    const sql = 'select count(delay) from demo.late'
    await runQuery(sql)
    expect((await runQuery(sql)).cachedAtMs).toBeDefined()
    expect((await session.run(toRequest(sql), { ...options(), skipsCache: true })).cachedAtMs).toBeUndefined()
    views = { 'demo.late': viewSql(2900) }
    const changed = await runQuery(sql)
    expect(changed.cachedAtMs).toBeUndefined()
    expect(toRows(changed)).toEqual([['99']])
  })

  test.each([
    'select random() < 2, max(delay) from demo.flights',
    'select delay from demo.flights where "Date" < now() limit 1',
    'select 1 as one',
    'explain analyze select max(delay) from demo.flights',
    'select operation from demo.flights$snapshots',
    'select * from demo.empty',
  ])('is not cached for %s', async (sql) => {
    await runQuery(sql)
    expect((await runQuery(sql)).cachedAtMs).toBeUndefined()
  })

  test('is removed, and no longer cached, once the person signs out', async () => {
    const results = createResultCache()
    const deps = { startEngine: async () => nodeEngine(wasm), decoder: nodeDecoder(), planTable, readView, results }
    session = createTestSession(deps)
    const sql = 'select max(delay) from demo.flights'
    await runQuery(sql)
    results.close()
    await runQuery(sql)
    expect((await runQuery(sql)).cachedAtMs).toBeUndefined()
  })
})

describe('a plan', () => {
  /** The operators with their inputs, each below the operators that it gives rows to. */
  function linesOf(operators: readonly PlanOperator[], depth = 0): string[] {
    return operators.flatMap(({ name, scan, estimatedRows, actualRows, children }) => [
      [' '.repeat(depth) + name, scan?.label, estimatedRows, actualRows].filter((part) => part != null).join(' '),
      ...linesOf(children, depth + 1),
    ])
  }

  test('names the tables that it reads, with their files and the rows that are expected of them', async () => {
    const sql = 'explain select a.origin, count(*) from demo.flights a join demo.groups b on a.delay = b.id group by 1'
    const { plan = [], cost } = await runQuery(sql)
    const lines = linesOf(plan).map((line) => line.trim())
    expect(lines).toContainEqual(expect.stringMatching(/^SEQ_SCAN demo.flights 3000$/))
    expect(lines).toContainEqual(expect.stringMatching(/^SEQ_SCAN demo.groups 10240$/))
    // Without rows, DuckDB takes the join for a cross product, and the groups for one.
    expect(lines).toContain('HASH_JOIN')
    expect(lines).toContain('HASH_GROUP_BY')
    expect(cost.filesRead).toBe(0)
    expect(JSON.stringify(plan)).not.toContain('lakeshore')
    const scans = JSON.stringify(plan)
    expect(scans).toContain('"fileCount":3')
  })

  test('has LIKE as SQL writes it', async () => {
    const sql = "explain select * from demo.flights where origin not like origin || '~~' and origin ilike origin || 'x'"
    const details = JSON.stringify((await runQuery(sql)).plan)
    expect(details).toContain(' NOT LIKE ')
    expect(details).toContain(' ILIKE ')
    expect(details).toContain("'~~'")
    expect(details.replaceAll("'~~'", '')).not.toContain('~~')
  })

  test('that ran has the rows of each operator, which are those that DuckDB counts', async () => {
    const sql = 'explain analyze select origin, count(*) from demo.flights where delay >= 2000 group by 1'
    const { plan = [] } = await runQuery(sql)
    const [root] = plan
    expect(root?.actualRows).toBe(7)
    expect(root?.timeMs).toBeGreaterThanOrEqual(0)
    expect(linesOf(plan).at(-1)).toMatch(/SEQ_SCAN demo.flights \d+ 1000$/)
    expect(JSON.stringify(plan)).not.toContain('"estimatedRows":0')
  })

  test('in another format is the text that the statement asks for', async () => {
    const result = await runQuery('explain (format text) select max(delay) from demo.flights')
    expect(result.plan).toBeUndefined()
    expect(result.isText).toBe(true)
    await expect(runQuery('explain select delai from demo.flights')).rejects.toMatchObject({
      code: 'query-failed',
    })
  })
})

describe('a preview', () => {
  const preview = (sql: string, more: Partial<QueryRequest> = {}) =>
    session.preview?.(toRequest(sql, more), new AbortController().signal) ?? Promise.reject(new Error('no preview'))

  test('has the first rows of a statement, and names the sample that they are computed from', async () => {
    const shown = await preview('select delay, origin from demo.flights order by delay desc')
    expect(shown).toMatchObject({
      rowCount: 20,
      isTruncated: true,
      samples: [{ label: 'demo.flights', rowCount: 3000, isWhole: true }],
    })
    expect(toRows({ ...(await runQuery('select 1')), ...shown })[0]).toEqual(['2999', 'O3'])
  })

  test('of a large table is computed from its first 10,000 rows alone', async () => {
    const shown = await preview('select count(*), max(id) from demo.groups')
    expect(toRows({ ...(await runQuery('select 1')), ...shown })).toEqual([['10000', '9999']])
    expect(shown.samples).toEqual([{ label: 'demo.groups', rowCount: 10_000, isWhole: false }])
  })

  test('loads a column of a sample once, and nothing for the queries', async () => {
    await preview('select max(delay) from demo.flights')
    await preview('select min(delay) from demo.flights where delay > 7')
    expect(decoded).toHaveLength(3)
    await preview('select origin, delay from demo.flights where delay = 1045')
    expect(decoded.slice(3).map(({ columns }) => columns)).toEqual([['origin'], ['origin'], ['origin']])
    const result = await runQuery('select origin, delay from demo.flights where delay = 1045')
    expect(toRows(result)).toEqual([['O2', '1045']])
    expect(result.cost.rowCount).toBe(3000)
  })

  test('joins samples with columns that were loaded later, row by row', async () => {
    await preview('select count(id) from demo.groups')
    const shown = await preview(
      'select count(*), sum(length(story)) from demo.groups a join demo.groups b using (id, story)',
    )
    expect(toRows({ ...(await runQuery('select 1')), ...shown })[0]?.[0]).toBe('10000')
  })

  test('is without deleted rows, and through views', async () => {
    views = {
      'demo.late': {
        representations: [{ dialect: 'duckdb', sql: 'select delay from deleted where delay < 25' }],
      },
    }
    const shown = await preview('select count(*) from demo.late')
    expect(toRows({ ...(await runQuery('select 1')), ...shown })).toEqual([['15']])
    expect(shown.samples).toMatchObject([{ label: 'demo.deleted', rowCount: 2963 }])
  })

  test('of an empty table or a metadata table says how many rows there are', async () => {
    expect((await preview('select * from demo.empty')).samples).toEqual([
      { label: 'demo.empty', rowCount: 0, isWhole: true },
    ])
    expect((await preview('select operation from demo.flights$snapshots')).samples).toEqual([
      { label: 'demo.flights$snapshots', rowCount: 2, isWhole: true },
    ])
  })

  test('of a row group that expands to too much is refused, and the next one is shown', async () => {
    await expect(preview('select max(story) from demo.bomb')).rejects.toMatchObject({ code: 'too-large' })
    expect((await preview('select max(id) from demo.groups')).rowCount).toBe(1)
  })

  test('of a statement that cannot run is refused', async () => {
    await expect(preview('select nothing from demo.flights')).rejects.toMatchObject({ code: 'query-failed' })
    await expect(preview('select from where')).rejects.toMatchObject({ code: 'query-failed' })
    await expect(preview('drop table demo.flights')).rejects.toMatchObject({ code: 'query-failed' })
  })
})

describe('a table with deleted rows', () => {
  const REMAINING = `select * from demo.flights where not (delay between 10 and 19) and delay not in (1001, 1004) and
    not (delay >= 2000 and leg.gate = 7)`
  const runBoth = async (sql: string) => {
    const [ours, expected] = [await runQuery(sql), await runNatively(sql.replaceAll('demo.deleted', `(${REMAINING})`))]
    return { ours: toRows(ours), expected }
  }

  test('has the others in every query, of all columns or of none', async () => {
    for (const sql of [
      'select count(*) from demo.deleted d',
      'select sum(delay), count(distinct origin), count("Date") from demo.deleted',
      'select origin, leg.gate, delay from demo.deleted order by delay',
      'select count(*) from demo.deleted a join demo.deleted b on a.delay = b.delay + 1',
    ]) {
      const { ours, expected } = await runBoth(sql)
      expect(ours, sql).toEqual(expected)
    }
  })

  test('has its first rows for a LIMIT, from as many files as are needed', async () => {
    for (const sql of [
      'select delay from demo.deleted limit 5 offset 8',
      'select delay from demo.deleted limit 10 offset 985',
    ]) {
      const { ours, expected } = await runBoth(sql)
      expect(ours, sql).toEqual(expected)
    }
    expect(decoded.map(({ file }) => path.basename(file))).toEqual(['0.parquet', '0.parquet', '1000.parquet'])
  })

  test('has costs that include its delete files', async () => {
    const estimate = await session.estimateCost(
      toRequest('select delay from demo.deleted'),
      new AbortController().signal,
    )
    const plain = await session.estimateCost(toRequest('select delay from demo.flights'), new AbortController().signal)
    expect(estimate.readBytes - plain.readBytes).toBe(deletes.reduce((sum, file) => sum + deleteFileBytes(file), 0))
    const counted = await runQuery('select count(*) from demo.deleted d')
    expect(counted.cost.filesRead).toBe(2)
    expect(counted.cost.readBytes).toBeGreaterThan(0)
    expect((await runQuery('select count(*) from demo.deleted d')).cost.readBytes).toBe(0)
    expect((await runQuery('select delay from demo.deleted')).cost.rowCount).toBe(3000 - 12 - 25)
  })

  test('fails with the reason when a delete file cannot be applied', async () => {
    expect(await readFailure('select count(*) from demo.undeletable d')).toMatchObject({ code: 'not-supported' })
    expect(await readFailure('select delay from demo.undeletable')).toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('is written as ORC'),
    })
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

/** Every value as text: exact, as the grid copies it. */
function toRows({ batches, columns }: Awaited<ReturnType<typeof runQuery>>): (string | null)[][] {
  return batches.flatMap(({ rowCount, value }) =>
    Array.from({ length: rowCount }, (_, row) =>
      columns.map(({ type }, column) => {
        const cell = value(row, column)
        if (cell === null) return null
        const isPlain = typeof cell !== 'object' || cell instanceof Uint8Array
        return typeof type === 'string' && isPlain ? valueText(type, cell, 'UTC') : valueJson(type, cell, 'UTC')
      }),
    ),
  )
}

const lakeNames: LakeNames = {
  listNamespaces: async (connection, parent) => {
    nameRequests.push(`${connection} ${parent?.join('.')}`)
    const levels = Object.keys(namespaces).map((name) => name.split('.'))
    const depth = parent?.length ?? 0
    const isDirect = (each: readonly string[]) =>
      each.length === depth + 1 && each.slice(0, depth).join('.') === (parent ?? []).join('.')
    return { namespaces: levels.filter(isDirect), isTruncated: false }
  },
  listTables: async (_connection, namespace) => {
    const found = namespaces[namespace.join('.')]
    if (found === undefined) throw new AppError('not-found', `There is no namespace ${namespace.join('.')}.`)
    return found.tables ?? []
  },
  listViews: async (_connection, namespace) => namespaces[namespace.join('.')]?.views ?? [],
}

/** `demo.flights$snapshots` has two rows, in two batches, and its table may not be read as `demo.secret`. */
async function planMetadataTable({ table }: TableIdentifier, name: string, asOf: AsOf): Promise<TableScan> {
  metadataPlans.push([table, name, asOf])
  if (table === 'secret') throw new AppError('forbidden', 'You may not read demo.secret.')
  const facts = views[`demo.${table}`] ? { foundAs: 'view' } : {}
  if (table !== 'flights') throw new AppError('not-found', `There is no table ${table}.`, { facts })
  const fields: NestedField[] = [
    { id: 1, name: 'snapshot_id', type: 'long', required: true },
    { id: 2, name: 'operation', type: 'string', required: false },
    ...(name.endsWith('files') ? [{ id: 3, name: 'readable_metrics', type: 'string', required: false } as const] : []),
  ]
  const rows: [bigint, string, string][] = [
    [9_007_199_254_740_993n, 'append', ''],
    [7n, 'delete', ''],
  ]
  return {
    key: `flights ${name} ${JSON.stringify(asOf)}`,
    snapshotId: NEWEST_SNAPSHOT,
    committedAtMs: COMMITTED_AT_MS,
    fields,
    files: knownFiles([]),
    fileCount: 0,
    rowCount: rows.length,
    deleteFileCount: 0,
    deleteBytes: 0,
    fileBytes: null,
    metadataRows: {
      async *read(names) {
        metadataReads.push(names)
        const unreadableBounds = { count: 1, named: [{ column: 'city', file: 'a.parquet' }] }
        for (const row of rows)
          yield {
            rowCount: 1,
            arrow: toArrow(fields, names, row),
            ...(names.includes('readable_metrics') && { unreadableBounds }),
          }
      },
    },
  }
}

function toArrow(fields: readonly NestedField[], names: readonly string[], row: readonly (bigint | string)[]) {
  if (names.length === 0) return null
  const columns = fields.flatMap((field, i) => (names.includes(field.name) ? [{ field, value: row[i] ?? null }] : []))
  const writer = new RecordBatchStreamWriter()
  const vectors = columns.map(({ field, value }) => vectorOf(field.type, [value]))
  writer.write(
    toArrowBatch(
      columns.map(({ field }) => field),
      vectors,
      1,
    ),
  )
  writer.finish()
  return writer.toUint8Array(true)
}

async function planTable(
  identifier: TableIdentifier,
  asOf: AsOf,
  { schema }: Partial<PlanOptions> = {},
): Promise<TableScan> {
  plans.push([identifier, asOf])
  const snapshotId = asOf.snapshotId ?? NEWEST_SNAPSHOT
  const scan = {
    key: `${identifier.table} ${snapshotId} ${schema?.schemaId ?? 0}`,
    snapshotId,
    committedAtMs: COMMITTED_AT_MS,
    fields: schema?.fields ?? FIELDS,
    ...(schema && { snapshotFieldIds: new Set(indexFields({ fields: FIELDS }).keys()) }),
    deleteFileCount: 0,
    deleteBytes: 0,
  }
  if (identifier.table === 'empty')
    return {
      ...scan,
      snapshotId: null,
      committedAtMs: null,
      files: knownFiles([]),
      fileCount: 0,
      rowCount: 0,
      fileBytes: 0,
    }
  if (identifier.table === 'mixed')
    return {
      ...scan,
      fields: FIELDS.map((field) => ({ ...field, required: field.name === 'delay' })),
      files: knownFiles([]),
      fileCount: 0,
      rowCount: 0,
      fileBytes: 0,
    }
  for (const [name, rowCount] of STORY_FILES) {
    if (identifier.table !== name) continue
    const file = loadFile(path.join(folder, `${name}.parquet`), rowCount)
    const fields: NestedField[] = [
      { id: 1, name: 'id', type: 'long', required: false },
      { id: 2, name: 'story', type: 'string', required: false },
    ]
    return { ...scan, fields, files: knownFiles([file]), fileCount: 1, rowCount, fileBytes: file.byteLength }
  }
  if (identifier.table === 'deleted' || identifier.table === 'undeletable') {
    const isOrc = identifier.table === 'undeletable'
    const applied = deletes.map((file) => ({ ...file, ...(isOrc && { format: 'orc' as const }) }))
    return {
      ...scan,
      files: knownFiles(files.map((file, i) => ({ ...file, deletes: applied.slice(i, i + 1) }))),
      fileCount: 3,
      rowCount: 3000,
      deleteFileCount: 3,
      deleteBytes: deletes.reduce((sum, file) => sum + deleteFileBytes(file), 0),
      fileBytes: null,
    }
  }
  if (asOf.ref === 'gone')
    throw new AppError('not-found', 'The table has no branch or tag gone', { facts: { refName: 'gone' } })
  if (identifier.table === 'cased' || identifier.table === 'zeroed') {
    const name = identifier.table === 'cased' ? 'ORIGIN' : 'de\0lay'
    const fields = FIELDS.map((field) => (field.name === 'delay' ? { ...field, name } : field))
    return { ...scan, fields, files: knownFiles(files), fileCount: 3, rowCount: 3000, fileBytes: 1 }
  }
  if (identifier.table !== 'flights') throw new AppError('not-found', `There is no table ${identifier.table}.`)
  const plannedFiles =
    asOf.snapshotId === WRONG_LENGTH_VERSION
      ? files.map((file, i) => (i === 1 ? { ...file, byteLength: 17 } : file))
      : files
  return {
    ...scan,
    files: knownFiles(plannedFiles),
    fileCount: plannedFiles.length,
    rowCount: 3000,
    fileBytes: files.reduce((sum, { byteLength }) => sum + byteLength, 0),
  }
}

async function readView({ namespace, table }: TableIdentifier): Promise<ViewDefinition | null> {
  viewReads.push(table)
  const view = views[`${namespace.join('.')}.${table}`]
  if (!view) return null
  return { key: table, fields: [], defaultCatalog: null, defaultNamespace: ['demo'], representations: [], ...view }
}

async function writeDeletes(): Promise<LoadableDelete[]> {
  const [first, second] = files
  const base = {
    content: 'position-deletes',
    format: 'parquet',
    equalityIds: [],
    equalityFields: [],
    contentOffset: null,
    contentSizeBytes: null,
    referencedDataFile: null,
  } as const
  const write = async (name: string, sql: string, ids: string) => {
    const location = path.join(folder, name)
    await native.run(`copy (${sql}) to '${location}' (format parquet, field_ids ${ids})`)
    return { path: location, url: location, fileSizeBytes: readFileSync(location).length }
  }
  const positions = await write(
    'positions.deletes',
    `select '${first?.name}' as file_path, i as pos from range(10, 20) r(i)`,
    '{file_path: 2147483546, pos: 2147483545}',
  )
  const keys = await write('keys.deletes', "select {'gate': 7} as leg", '{leg: {__duckdb_field_id: 4, gate: 11}}')
  const blob = deletionVectorBlob([1, 4])
  const vectors = path.join(folder, 'vectors.puffin')
  writeFileSync(vectors, blob)
  return [
    { ...base, ...positions, index: 0, recordCount: 10 },
    {
      ...base,
      index: 1,
      format: 'puffin',
      path: vectors,
      url: vectors,
      fileSizeBytes: blob.length,
      recordCount: 2,
      contentOffset: 0,
      contentSizeBytes: blob.length,
      referencedDataFile: second?.name ?? '',
    },
    {
      ...base,
      ...keys,
      index: 2,
      content: 'equality-deletes',
      recordCount: 1,
      equalityIds: [11],
      equalityFields: FIELDS.slice(3),
    },
  ]
}

function loadFile(name: string, recordCount: number): LoadableFile {
  const byteLength = readFileSync(name).length
  return {
    url: name,
    name,
    byteLength,
    recordCount,
    tailBytes: 4096,
    constants: new Map(),
    nameMapping: null,
    deletes: [],
  }
}

function nodeDecoder(): Decoder {
  const loader = createDeleteLoader<LoadableDelete>({
    codecs: pageCodecs,
    open: ({ path: name }) => {
      const bytes = readFileSync(name)
      const read = async (start: number, end: number) => new Uint8Array(bytes.subarray(start, end))
      return { name, byteLength: bytes.length, read }
    },
  })
  const open = (file: LoadableFile) => {
    const bytes = readFileSync(file.name)
    const read = async (start: number, end: number) => new Uint8Array(bytes.subarray(start, end))
    return openFile({ name: file.name, byteLength: bytes.length, read }, file, pageCodecs)
  }
  return {
    readFooter: async (file) => summarizeFooter(await open(file)),
    countRows: async (file) => {
      const opened = await open(file)
      const before = loader.tally.bytesRead
      const rowCounts = countRemainingRows(opened, await loadDeletedRows(loader, file, opened))
      return { rowCounts, readBytes: loader.tally.bytesRead - before }
    },
    decodeColumns: async (file, order, signal) => {
      decoded.push({ file: file.name, columns: order.fields.map(({ name }) => name) })
      if (signal.aborted) throw new AppError('cancelled', 'Loading was cancelled.')
      const opened = await open(file)
      return await decodeColumns(opened, { ...order, deleted: await loadDeletedRows(loader, file, opened) })
    },
    start: () => {},
  }
}
