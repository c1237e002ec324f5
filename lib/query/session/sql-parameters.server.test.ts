import {
  BIGINT,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  HUGEINT,
  INTEGER,
  LIST,
  listValue,
  SQLNULL,
  TIMESTAMP,
  TIMESTAMP_NS,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api'
import { beforeAll, describe, expect, test } from 'vitest'
import type { QueryEngine } from '@/lib/query/engine'
import type { ParameterType, QueryParameter } from '@/lib/query/parameter-types'
import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { createTestSession } from '@/testing/duckdb/test-session'
import { byCases } from '@/testing/property-cases'

/**
 * Statements with parameters of every type, by the browser's DuckDB through the whole adapter and by native DuckDB, which
 * binds values of its own types to the same statement, with its session in UTC.
 */

let native: DuckDBConnection
let engine: QueryEngine

beforeAll(async () => {
  native = await (await DuckDBInstance.create(':memory:')).connect()
  await native.run("set TimeZone = 'UTC'")
  const wasm = await resetNodeDuckdb()
  engine = createTestSession({
    startEngine: async () => nodeEngine(wasm),
    decoder: {
      readFooter: () => Promise.reject(new Error('no table is read')),
      decodeColumns: () => Promise.reject(new Error('no table is read')),
      countRows: () => Promise.reject(new Error('no table is read')),
      start: () => {},
    },
    planTable: () => Promise.reject(new Error('no table is read')),
    readView: async () => null,
  })
})

type Bound = { type: ParameterType; text: string; isList?: boolean; value: DuckDBValue; nativeType: DuckDBType }

const MICROS = BigInt(Date.UTC(2023, 4, 15, 14, 30, 45)) * 1000n + 123_456n

const VALUES: Readonly<Record<string, Bound>> = {
  text: { type: 'text', text: "it's; drop -- $p 😀", value: "it's; drop -- $p 😀", nativeType: VARCHAR },
  'empty text': { type: 'text', text: '', value: '', nativeType: VARCHAR },
  int: { type: 'number', text: '-2147483648', value: -2147483648, nativeType: INTEGER },
  long: { type: 'number', text: '9223372036854775807', value: 9223372036854775807n, nativeType: BIGINT },
  'smallest long': { type: 'number', text: '-9223372036854775808', value: -9223372036854775808n, nativeType: BIGINT },
  'more than a double': { type: 'number', text: '9007199254740993', value: 9007199254740993n, nativeType: BIGINT },
  hugeint: { type: 'number', text: '9223372036854775808', value: 9223372036854775808n, nativeType: HUGEINT },
  decimal: {
    type: 'number',
    text: '-1234567890123456789012345678.0000000001',
    value: new DuckDBDecimalValue(-12345678901234567890123456780000000001n, 38, 10),
    nativeType: DECIMAL(38, 10),
  },
  double: { type: 'number', text: '1.5e300', value: 1.5e300, nativeType: DOUBLE },
  date: { type: 'date', text: '2023-05-15', value: new DuckDBDateValue(19492), nativeType: DATE },
  'old date': { type: 'date', text: '0001-01-01', value: new DuckDBDateValue(-719162), nativeType: DATE },
  timestamp: {
    type: 'timestamp',
    text: '2023-05-15 14:30:45.123456',
    value: new DuckDBTimestampValue(MICROS),
    nativeType: TIMESTAMP,
  },
  'timestamp of nanoseconds': {
    type: 'timestamp',
    text: '2023-05-15 14:30:45.123456789',
    value: new DuckDBTimestampNanosecondsValue(MICROS * 1000n + 789n),
    nativeType: TIMESTAMP_NS,
  },
  timestamptz: {
    type: 'timestamptz',
    text: '2023-05-15T20:00:45.123456+05:30',
    value: new DuckDBTimestampTZValue(MICROS),
    nativeType: TIMESTAMPTZ,
  },
  'timestamptz without offset': {
    type: 'timestamptz',
    text: '2023-05-15 14:30:45.123456',
    value: new DuckDBTimestampTZValue(MICROS),
    nativeType: TIMESTAMPTZ,
  },
  boolean: { type: 'boolean', text: 'true', value: true, nativeType: BOOLEAN },
  null: { type: 'null', text: '', value: null, nativeType: SQLNULL },
  'list of texts': {
    type: 'text',
    isList: true,
    text: 'it\'s\n\n[a, "b"]',
    value: listValue(["it's", '', '[a, "b"]']),
    nativeType: LIST(VARCHAR),
  },
  'list of numbers': {
    type: 'number',
    isList: true,
    text: '1\n9223372036854775807',
    value: listValue([1n, 9223372036854775807n]),
    nativeType: LIST(BIGINT),
  },
  'list of dates': {
    type: 'date',
    isList: true,
    text: '2023-05-15\n0001-01-01',
    value: listValue([new DuckDBDateValue(19492), new DuckDBDateValue(-719162)]),
    nativeType: LIST(DATE),
  },
  'empty list': { type: 'number', isList: true, text: '', value: listValue([]), nativeType: LIST(INTEGER) },
}

/** More values than those of one type. */
const VALUES_OF_ANY_TYPE = 10

/** Statements with the values of `VALUES` to which they apply. */
const STATEMENTS: readonly [sql: string, values: readonly string[]][] = [
  ['select $p::varchar as v', Object.keys(VALUES)],
  ['select $p is null as n, coalesce($p::varchar, $P::varchar) as v', Object.keys(VALUES)],
  ['select typeof($p) as t', Object.keys(VALUES).filter((name) => name !== 'null')],
  ['select $p + 1 as v, $p = $p as same, -$p as m', ['more than a double', 'hugeint', 'double']],
  ['select $p * 1 as v', ['decimal']],
  ['select $p || $p as v, length($p) as n, upper($p) like $p as l', ['text', 'empty text']],
  ["select $p + interval '1 month' as v, $p - interval '90 minutes' as w", ['date', 'timestamp', 'timestamptz']],
  ["select date_trunc('month', $p)::date as m, extract(year from $p) as y", ['date', 'timestamp', 'timestamptz']],
  ["select $p at time zone 'Europe/Berlin' as v", ['timestamp', 'timestamptz', 'timestamptz without offset']],
  ["select $p > '2023-05-15 14:30:45+00' as a, $p = timestamptz '2023-05-15 16:30:45.123456+02' as b", ['timestamptz']],
  ['select $p::date as d, $p::timestamp as t', ['timestamptz', 'timestamptz without offset']],
  ['select not $p as v, case when $p then 1 else 2 end as c', ['boolean', 'null']],
  ["select 'it''s' = any($p) as a, len($p) as n, $p[1] as f", ['list of texts']],
  ['select 1 in $p as a, list_contains($p, 9223372036854775807) as b', ['list of numbers', 'empty list']],
  ['select i from range(20) r(i) where i > $p::double order by i limit 3', ['int']],
  ['with w as (select $p as v) select count(*) filter (where v is distinct from $p) as n from w', Object.keys(VALUES)],
]

describe('a bound parameter gives what native DuckDB gives', () => {
  const cases = STATEMENTS.flatMap(([sql, names], i) => {
    // In `npm test` one of four values, in turn, by each statement that takes most of them.
    const some = names.length < VALUES_OF_ANY_TYPE ? names : names.filter((_, value) => value % 4 === i % 4)
    return byCases(some, names).map((name) => [name, sql] as const)
  })

  test.each(cases)('%s in %s', async (name, sql) => {
    const bound = VALUES[name]
    if (!bound) throw new Error(`no value ${name}`)
    const asText = toText(sql, (await native.runAndReadAll(`describe ${nativeSql(sql, bound)}`)).getRows().length)
    const prepared = await native.prepare(asText)
    prepared.bind({ p: bound.value }, { p: bound.nativeType })
    const rows = (await prepared.runAndReadAll()).getRows()
    const expected = rows.map((row) => row.map((value) => value?.toString() ?? null))
    expect(await runInAdapter(asText, [toParameter(bound)])).toEqual(expected)
  })
})

describe('a parameter', () => {
  const late = toParameter({ type: 'number', text: '15' }, 'late')

  test('can be a limit and an argument that has to be a constant', async () => {
    expect(await runInAdapter('select i from range(9) r(i) limit $late - 13', [late])).toEqual([['0'], ['1']])
    const share = toParameter({ type: 'number', text: '0.5' }, 'share')
    expect(await runInAdapter('select quantile_cont(i, $share) from range(5) r(i)', [share])).toEqual([['2']])
  })

  test('keeps its name in the name of a column', async () => {
    const { columns } = await run('select $late + 1, $LATE', [late])
    expect(columns.map(({ name }) => name)).toEqual(['($late + 1)', '$late'])
  })

  test('takes a new value in the next run', async () => {
    expect(await runInAdapter('select $late', [late])).toEqual([['15']])
    expect(await runInAdapter('select $late', [{ ...late, text: '16' }])).toEqual([['16']])
  })

  test('without a value or with a wrong one is refused before anything runs', async () => {
    await expect(runInAdapter('select $late, $month', [late])).rejects.toMatchObject({
      message: 'The parameter $month has no value.',
      facts: { hint: 'Enter a value for $month above.' },
    })
    await expect(runInAdapter('select $late', [{ ...late, text: 'x' }])).rejects.toThrow('is a number')
  })

  test('of another statement is not needed', async () => {
    expect(await runInAdapter('select 1; select $month', [])).toEqual([['1']])
  })

  test('is part of an EXPLAIN', async () => {
    const { isText, rowCount } = await run('explain select i from range(9) r(i) where i > $late', [late])
    expect([isText, rowCount]).toEqual([true, 1])
  })

  test('in a wrong expression fails at its position', async () => {
    const sql = 'select 1 as a,\n $late + nothing'
    await expect(run(sql, [late])).rejects.toMatchObject({ facts: { start: sql.indexOf('nothing') } })
  })
})

/** Native DuckDB describes no statement with unbound parameters; a cast of NULL has the columns of one. */
function nativeSql(sql: string, { nativeType }: Bound): string {
  return sql.replaceAll(/\$p/gi, `CAST(NULL AS ${nativeType === SQLNULL ? 'VARCHAR' : nativeType.toString()})`)
}

function toText(sql: string, columnCount: number): string {
  const names = Array.from({ length: columnCount }, (_, i) => `c${i}`)
  return `select ${names.map((name) => `${name}::varchar as ${name}`).join(', ')} from (${sql}) q(${names.join(', ')})`
}

function toParameter({ type, text, isList = false }: Omit<Bound, 'value' | 'nativeType'>, name = 'p'): QueryParameter {
  return { name, type, text, isList }
}

function run(sql: string, parameters: readonly QueryParameter[]) {
  const request = { sql, cursor: 0, connection: 'local', connections: ['local'], maxRows: 1000 }
  const options = { signal: new AbortController().signal, onProgress: () => {}, confirm: async () => true }
  return engine.run({ ...request, parameters }, options)
}

async function runInAdapter(sql: string, parameters: readonly QueryParameter[]): Promise<(string | null)[][]> {
  const { batches, columns } = await run(sql, parameters)
  return batches.flatMap(({ rowCount, value }) =>
    Array.from({ length: rowCount }, (_row, row) =>
      columns.map((_column, column) => value(row, column)?.toString() ?? null),
    ),
  )
}
