import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NestedField, PrimitiveType } from '@/lib/iceberg/schema/types'
import type { QueryEngine } from '@/lib/query/engine'
import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { decodeColumns, openFile, summarizeFooter } from '@/lib/query/load/decode'
import type { LoadableFile } from '@/lib/query/load/decode-messages'
import { createTestSession } from '@/testing/duckdb/test-session'
import { knownFiles } from '@/lib/query/load/table-files'

/**
 * Statements over every type, by the browser's DuckDB through the whole adapter and by native DuckDB, which has ICU, with
 * its session in UTC. Every value is compared as the text that SQL makes of it.
 */

const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-sql-types-'))
const COLUMNS: readonly [name: string, type: PrimitiveType, sql: string][] = [
  ['id', 'int', 'id'],
  ['b', 'boolean', 'b'],
  ['l', 'long', 'l'],
  ['f', 'float', 'f'],
  ['g', 'double', 'g'],
  ['n', 'decimal(38, 10)', 'n'],
  ['d', 'date', 'd'],
  ['t', 'time', 't'],
  ['tn', 'timestamp', 'tn'],
  ['ts', 'timestamptz', 'ts'],
  ['ns', 'timestamp_ns', 'ns'],
  ['s', 'string', 's'],
  ['u', 'uuid', 'u'],
  ['x', 'binary', 'x'],
]
const ROWS = `(values
  (1, true, 9223372036854775807::bigint, 0.1::float, 0.1::double, 1.0000000001::decimal(38, 10), date '2023-05-15',
    time '16:30:45.123456', timestamp '2023-05-15 16:30:45', timestamptz '2023-05-15 16:30:45+02',
    timestamp_ns '2023-05-15 16:30:45.123456789', 'it''s', '00112233-4455-6677-8899-aabbccddeeff'::uuid, '\\x00\\xFF'::blob),
  (2, false, -9223372036854775808, 'nan', 'inf', -9999999999999999999999999999.0000000001, '1969-12-31', '00:00:00',
    '1969-12-31 23:59:59.999999', '2023-10-29 00:30:00.5+00', '1969-12-31 23:59:59.999999999', '', null, ''),
  (3, null, 9007199254740993, -0.0, -1.5, 0, '0001-01-01', '23:59:59.999999', '0001-01-01 00:00:00',
    '2023-10-29 01:30:00+00', '2000-02-29 00:00:00', '😀', null, null),
  (4, null, null, null, null, null, '2024-02-29', null, '2024-02-29 12:00:00', '2024-03-31 01:00:00+00', null, null, null, null),
  (5, null, 0, 1, 1, 1, null, null, null, '1850-06-01 12:00:00+00', null, 'z', null, null),
  (6, null, 1, 2, 2, 2, '9999-12-31', null, '9999-12-31 00:00:00', '9999-12-31 00:00:00+00', null, 'Z', null, null),
  (7, null, 2, 3, 3, 3, null, null, null, null, null, null, null, null))
  v(id, b, l, f, g, n, d, t, tn, ts, ns, s, u, x)`

let native: DuckDBConnection
let engine: QueryEngine

beforeAll(async () => {
  native = await (await DuckDBInstance.create(':memory:')).connect()
  await native.run("set TimeZone = 'UTC'")
  const file = path.join(folder, 'types.parquet')
  const ids = COLUMNS.map(([name], i) => `${name}: ${i + 1}`).join(', ')
  await native.run(`copy (from ${ROWS}) to '${file}' (format parquet, field_ids {${ids}})`)
  await native.run(`create schema demo; create table demo.t as from read_parquet('${file}')`)
  engine = await startAdapter(file)
})
afterAll(() => rmSync(folder, { recursive: true }))

const INSTANTS = ['ts']
const PARTS = 'year quarter month week day hour minute second'.split(' ')
const MORE_PARTS =
  'century decade millennium isoyear isodow dow doy dayofyear dayofweek weekday yearweek era epoch julian millisecond microsecond timezone timezone_hour timezone_minute'.split(
    ' ',
  )
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe']

/** A statement with the values of an expression in all rows. */
const ofExpression = (expression: string) => `select id, ${expression} as e from demo.t order by id`

const STATEMENTS: readonly string[] = [
  // Comparison, also with texts that have an offset or none.
  ...["'2023-05-15T16:30:45+02'", "'2023-05-15 14:30:45Z'", "'2023-05-15 14:30:45'", "'2023-05-15'"].flatMap((text) =>
    ['=', '<>', '<', '>=', 'is not distinct from'].map((operator) => `ts ${operator} ${text}`),
  ),
  ...["'2023-05-15 16:30:45+05:30'", "'1850-06-01 00:00:00-03'"].map((text) => `ts < timestamptz ${text}`),
  "ts between '2023-01-01' and '2023-10-29 01:00:00+00'",
  "ts in ('2023-05-15 14:30:45', '2023-10-29 02:30:00+01')",
  "coalesce(ts, '2000-01-01')",
  'greatest(ts, tn)',
  'ts > tn',
  'ts = d',
  'ts < now()',
  "case when ts < '2023-10-01' then 'before' else 'after' end",
  // Casts.
  ...['date', 'time', 'timestamp', 'varchar', 'timestamptz', 'timestamp_ns'].map((type) => `ts::${type}`),
  ...['timestamp_s', 'timestamp_ms', 'timestamp(0)', 'timestamp(3)', 'timestamp(6)'].flatMap((type) => [
    `ts::${type}`,
    `try_cast(tn as ${type})`,
  ]),
  ...['date', 'time', 'timestamp', 'varchar'].map((type) => `try_cast(ts as ${type})`),
  ...['tn', 'd', "'2023-05-15 16:30:45'", "'2023-05-15 16:30:45+02'"].map((value) => `cast(${value} as timestamptz)`),
  'tn::date',
  'tn::time',
  'tn::varchar',
  'd::varchar',
  'd::timestamp',
  't::varchar',
  'ns::timestamp',
  'ns::varchar',
  'l::varchar',
  'n::varchar',
  'f::varchar',
  'g::varchar',
  'u::varchar',
  'b::varchar',
  'x::varchar',
  'l::double',
  'n::double',
  'f::double',
  'g::decimal(10, 2)',
  'b::int',
  "'12'::int",
  "'x'::varchar || s",
  "ts || ' text'",
  "concat(ts, '/', s)",
  // Arithmetic of times.
  ...[
    "interval '1 day'",
    "interval '1 month'",
    "interval '90 minutes'",
    "interval '1 year 2 months 3 days 4 hours'",
  ].flatMap((interval) =>
    ['+', '-'].flatMap((sign) => ['ts', 'tn', 'd'].map((value) => `${value} ${sign} ${interval}`)),
  ),
  "interval '1 hour' + ts",
  "ts - timestamptz '2023-01-01 00:00:00+00'",
  "tn - timestamp '2023-01-01'",
  "d - date '2023-01-01'",
  'd + 1',
  "t + interval '1 hour'",
  "ns + interval '1 hour'",
  "age(ts, timestamptz '2023-01-01 00:00:00+00')",
  "age(tn, timestamp '2023-01-01')",
  // Calendars.
  ...PARTS.flatMap((part) => [
    `date_trunc('${part}', ts)`,
    `date_trunc('${part}', tn)`,
    `extract(${part} from ts)`,
    `date_part('${part}', tn)`,
    `${part}(ts)`,
    `date_diff('${part}', timestamptz '2022-11-30 12:00:00+00', ts)`,
    `date_sub('${part}', timestamptz '2022-11-30 12:00:00+00', ts)`,
  ]),
  ...MORE_PARTS.flatMap((part) => INSTANTS.map((value) => `date_part('${part}', ${value})`)),
  'dayname(ts)',
  'monthname(ts)',
  'last_day(ts)',
  'epoch(ts)',
  'epoch_ms(ts)',
  'epoch_us(ts)',
  'isfinite(ts)',
  "strftime(ts, '%Y-%m-%d %H:%M:%S')",
  ...["'15 minutes'", "'5 hours'", "'3 days'", "'1 week'", "'1 month'", "'2 years'"].flatMap((width) => [
    `time_bucket(interval ${width}, ts)`,
    `time_bucket(interval ${width}, tn)`,
  ]),
  "time_bucket(interval '1 week', ts, interval '1 day')",
  "time_bucket(interval '10 days', ts, timestamptz '2023-01-01 05:00:00+00')",
  "strftime(tn, '%d/%m/%Y')",
  "strftime(d, '%j')",
  'make_timestamptz(2023, 5, 15, 16, 30, 45.5)',
  "make_timestamptz(2023, 3, 26, 2, 30, 0, 'Europe/Berlin')",
  "make_timestamptz(2023, 10, 29, 2, 30, 0, 'Europe/Berlin')",
  'make_timestamptz(2023, 10, 29, 2, 30, 0, null)',
  'to_timestamp(1684161045)',
  'current_date = now()::date',
  ...ZONES.flatMap((zone) => [
    `ts at time zone '${zone}'`,
    `tn at time zone '${zone}'`,
    `date_trunc('day', ts at time zone '${zone}')`,
    `extract(hour from ts at time zone '${zone}')`,
    `(tn at time zone '${zone}')::varchar`,
    `(ts at time zone '${zone}')::date`,
    `timezone('${zone}', ts)`,
    `date_trunc('month', ts at time zone '${zone}') at time zone '${zone}'`,
  ]),
  // Numbers, texts and the rest.
  'l + 0',
  'n * 2',
  'f + 1',
  'g / 3',
  '-n',
  'abs(f)',
  'round(g, 1)',
  'n > 0',
  'f = f',
  'l // 7',
  'l % 7',
  'g > 1e300',
  'upper(s)',
  'length(s)',
  "s like 'i%'",
  "s || '!'",
  'substr(s, 1, 1)',
  's < u::varchar',
  'octet_length(x)',
  'hex(x)',
  "u = '00112233-4455-6677-8899-aabbccddeeff'",
  'b and true',
  'b is null',
  'not b',
  "d > '2000-01-01'",
  "tn < '2000-01-01'",
  "t > '12:00:00'",
  'd = tn::date',
  "ns > '2000-01-01'",
  "{'a': l, 'b': d}",
  '[l, id]',
  "map {'k': n}",
  'hour(t)',
].map((expression) => ofExpression(expression))

const AGGREGATES: readonly string[] = [
  'select min(ts), max(ts), count(ts), count(distinct ts), first(ts order by id), arg_max(id, ts) from demo.t',
  'select min(d), max(tn), max(t), min(ns), sum(l::hugeint), sum(n), avg(g) filter (where id in (3, 5)), count(*) from demo.t',
  "select date_trunc('month', ts) as m, count(*) from demo.t group by 1 order by 1 nulls last",
  'select extract(year from ts) as y, max(id) from demo.t group by all order by y nulls last',
  'select ts, row_number() over (partition by ts::date order by ts) from demo.t order by ts nulls last, id',
  'select a.id, b.id from demo.t a join demo.t b on a.ts < b.ts order by all',
  'select id from demo.t where ts >= (select min(ts) from demo.t) order by ts desc',
  'with w as (select ts::date as day, count(*) as n from demo.t group by day) select * from w order by day nulls last',
  "select max(ts)::date, date_trunc('day', max(ts)), extract(epoch from min(ts)), max(l) - min(id), max(ts)::varchar from demo.t",
  "select median(ts), mode(id) from demo.t where ts < '2023-12-31'",
  // Operators and calls on values whose type is not known to macros, and frames of time.
  'select max(ts) - min(ts), max(id) - 1, -max(l), max(d) - min(d) from demo.t',
  'select id, ts - lag(ts) over (order by id), id - lag(id) over (order by id) from demo.t order by id',
  'select id, ts - first_value(ts) over (order by id) as e from demo.t order by e nulls last, id',
  "select id, ts - interval 1 day - lag(ts) over w from demo.t where ts < '2024-01-01' window w as (order by id) order by id",
  'select id, ts - (select min(ts) from demo.t) from demo.t order by id',
  'select id % 2 as k, max(ts) - min(ts) as e from demo.t group by id % 2 order by max(ts) - min(ts)',
  'select id from demo.t qualify ts - lag(ts) over (order by id) > interval 1 hour order by id',
  "select date_trunc('day', (select ts from demo.t where id = 1)) from demo.t",
  'select id, count(*) over (order by ts range between interval 1 hour preceding and current row) from demo.t order by id',
  'select id, count(*) over (order by ts desc nulls first range between interval 1 month preceding and interval 1 day following) from demo.t order by id',
  'select id, count(*) over w from demo.t window w as (partition by id % 2 order by ts range interval 1 year preceding) order by id',
  'select id, sum(id) over (order by id range between 2 preceding and current row), min(tn) over (order by tn range between interval 1 day preceding and current row) from demo.t order by id',
  'select ts from demo.t union all select tn from demo.t order by 1 nulls last',
]

const DATE_OF_TRUNC = 'DuckDB before 1.5 gives a DATE for days and longer parts of a timestamp without zone'
const TIME_OF_INSTANT = 'native DuckDB has no cast from timestamptz to TIME'

/** Statements that do not give what native DuckDB gives, with the reason. */
const DIFFERENCES: ReadonlyMap<string, string> = new Map([
  ...['year', 'quarter', 'month', 'week', 'day'].map(
    (part) => [ofExpression(`date_trunc('${part}', tn)`), DATE_OF_TRUNC] as const,
  ),
  ...ZONES.map((zone) => [ofExpression(`date_trunc('day', ts at time zone '${zone}')`), DATE_OF_TRUNC] as const),
  [ofExpression('ts::time'), TIME_OF_INSTANT],
  [ofExpression('try_cast(ts as time)'), TIME_OF_INSTANT],
])

/** Statements that both refuse, because a value of the table does not fit. */
const REFUSED_BY_BOTH: readonly string[] = ['ts::timestamp_ns', 'g::decimal(10, 2)', 'n * 2'].map(ofExpression)

describe('SQL over every type gives what native DuckDB gives', () => {
  test('in more than 200 statements', () => {
    expect(STATEMENTS.length + AGGREGATES.length).toBeGreaterThan(200)
  })

  test.each([...STATEMENTS, ...AGGREGATES].filter((sql) => !DIFFERENCES.has(sql) && !REFUSED_BY_BOTH.includes(sql)))(
    '%s',
    async (sql) => {
      const { native: expected, ours } = await compare(sql)
      expect(expected).toBeInstanceOf(Array)
      expect(ours).toEqual(expected)
    },
  )

  test.each([...DIFFERENCES])('except %s: %s', async (sql) => {
    expect([...STATEMENTS, ...AGGREGATES]).toContain(sql)
    const { native: expected, ours } = await compare(sql)
    expect(ours).toBeInstanceOf(Array)
    expect(ours).not.toEqual(expected)
  })

  test.each(REFUSED_BY_BOTH)('and both refuse %s', async (sql) => {
    expect(STATEMENTS).toContain(sql)
    const { native: expected, ours } = await compare(sql)
    expect([typeof expected, typeof ours]).toEqual(['string', 'string'])
  })
})

/** The rows of a statement in both, every value as text; the message of a failure. */
async function compare(sql: string) {
  const description = (await native.runAndReadAll(`describe ${sql}`)).getRows()
  const names = description.map((_, i) => `c${i}`)
  const asText = `select ${names.map((name) => `${name}::varchar as ${name}`).join(', ')} from (${sql}) q(${names.join(', ')})`
  const readNatively = async () => {
    const rows = (await native.runAndReadAll(asText)).getRows()
    return rows.map((row) => row.map((value) => value?.toString() ?? null))
  }
  return { native: await readNatively().catch(messageOf), ours: await runInAdapter(asText).catch(messageOf) }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function runInAdapter(sql: string): Promise<(string | null)[][]> {
  const request = { sql, cursor: 0, connection: 'local', connections: ['local'], maxRows: 1000 }
  const options = { signal: new AbortController().signal, onProgress: () => {}, confirm: async () => true }
  const { batches, columns } = await engine.run(request, options)
  return batches.flatMap(({ rowCount, value }) =>
    Array.from({ length: rowCount }, (_row, row) =>
      columns.map((_column, column) => value(row, column)?.toString() ?? null),
    ),
  )
}

async function startAdapter(name: string): Promise<QueryEngine> {
  const wasm = await resetNodeDuckdb()
  const bytes = readFileSync(name)
  const file: LoadableFile = {
    url: name,
    name,
    byteLength: bytes.length,
    recordCount: 7,
    tailBytes: 4096,
    constants: new Map(),
    nameMapping: null,
    deletes: [],
  }
  const fields = COLUMNS.map(([column, type], i): NestedField => ({ id: i + 1, name: column, type, required: false }))
  const open = () => {
    const read = async (start: number, end: number) => new Uint8Array(bytes.subarray(start, end))
    return openFile({ name, byteLength: bytes.length, read }, file, pageCodecs)
  }
  const scan = {
    key: 't',
    snapshotId: '1',
    committedAtMs: 0,
    fields,
    files: knownFiles([file]),
    deleteFileCount: 0,
    deleteBytes: 0,
  }
  return createTestSession({
    startEngine: async () => nodeEngine(wasm),
    decoder: {
      readFooter: async () => summarizeFooter(await open()),
      decodeColumns: async (_file, order) => decodeColumns(await open(), order),
      countRows: () => Promise.reject(new Error('the file has no deletes')),
      start: () => {},
    },
    planTable: async () => ({ ...scan, fileCount: 1, rowCount: 7, fileBytes: bytes.length }),
    readView: async () => null,
  })
}
