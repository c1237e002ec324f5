import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { QueryEngine } from '@/lib/query/engine'
import type { QueryParameter } from '@/lib/query/parameter-types'
import { lineText } from '@/lib/scan/value-text'
import { field, type ParquetTable, type ParquetTableAccess, writeParquetTables } from './parquet-tables'

/**
 * Statements about times for readers in several zones, by DuckDB through a whole adapter, whose session has the zone UTC,
 * and by native DuckDB with ICU. Values are compared as the grid shows them to the reader.
 */

/** One zone without changes of the clocks, one with, one half an hour from a full one, and one that changes by half an hour. */
export const READER_ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'] as const

/**
 * Zones differ only in the table of their clocks, and comparisons, arithmetic and parts of times only use converted
 * values. So these are proven in the other zones: a statement with several tables as long as that of this one is slow.
 */
const CONVERTED_ONLY = 'Australia/Lord_Howe'

/** Next to the hours that clocks of these zones skip and repeat, and where zones are unusual. */
const INSTANTS = [
  '2023-03-12 06:59:59.999999+00',
  '2023-03-12 07:00:00+00',
  '2023-11-05 05:30:00+00',
  '2023-11-05 06:30:00+00',
  '2023-09-30 15:29:59.5+00',
  '2023-09-30 15:30:00+00',
  '2023-04-01 14:45:00+00',
  '2023-04-01 15:15:00+00',
  '2023-05-15 16:30:45.123456+02',
  '2024-02-29 18:30:00+00',
  '2023-12-31 23:30:00-05',
  '1969-12-31 23:59:59.999999+00',
  '1850-06-01 12:00:00+00',
  '1883-11-18 17:00:00+00',
  '1945-08-14 23:00:00+00',
  '2050-07-01 03:15:00+00',
  '2099-12-31 23:59:59+00',
  '2400-02-29 12:00:00+00',
  '9998-12-30 12:00:00+00',
  '0001-01-05 00:00:00+00',
]
const CLOCK_TIMES = [
  '2023-03-12 02:30:00',
  '2023-03-12 03:00:00',
  '2023-11-05 01:30:00',
  '2023-11-05 00:59:59.999999',
  '2023-10-01 02:15:00',
  '2023-10-01 02:30:00',
  '2023-04-02 01:45:00',
  '2023-04-02 02:00:00',
  '2023-05-15 16:30:45.123456',
  '2024-02-29 23:59:59',
  '1850-06-01 12:00:00',
  '2400-02-29 12:00:00',
]

const at = (i: number, list: readonly string[]) => (list[i] === undefined ? 'null' : `'${list[i]}'`)
const ROWS = Array.from({ length: INSTANTS.length + 1 }, (_, i) => {
  const [ts, tn] = [at(i, INSTANTS), at(i, CLOCK_TIMES)]
  return `(${i}, ${ts}::timestamptz, ${tn}::timestamp, ${tn}::timestamp::date, [${ts}::timestamptz, null],
    {'at': ${ts}::timestamptz, 'clock': ${tn}::timestamp}, map {'at': ${ts}::timestamptz})`
})
const TABLE: ParquetTable = {
  name: 'demo.z',
  rows: `select * from (values ${ROWS.join(', ')}) v(id, ts, tn, d, l, s, m)`,
  fields: [
    field(1, 'id', 'int'),
    field(2, 'ts', 'timestamptz'),
    field(3, 'tn', 'timestamp'),
    field(4, 'd', 'date'),
    field(5, 'l', { type: 'list', elementId: 8, element: 'timestamptz', elementRequired: false }),
    field(6, 's', { type: 'struct', fields: [field(9, 'at', 'timestamptz'), field(10, 'clock', 'timestamp')] }),
    field(7, 'm', {
      type: 'map',
      keyId: 11,
      key: 'string',
      valueId: 12,
      value: 'timestamptz',
      valueRequired: false,
    }),
  ],
}

const ofExpression = (expression: string) => ofExpressions([expression])
const ofExpressions = (expressions: readonly string[]) =>
  `select id, ${expressions.map((expression, i) => `${expression} as e${i || ''}`).join(', ')} from demo.z order by id`

/** Statements that mean the same in both, in a session in UTC. Readers see their values in their own zone. */
export const SHOWN_STATEMENTS: readonly string[] = [
  'ts',
  'tn',
  'd',
  'l',
  's',
  'm',
  'l[1]',
  's.at',
  "m['at']",
  '[s]',
  ...["interval '1 day'", "interval '1 month'", "interval '90 minutes'", "interval '1 year 2 days 3 hours'"].flatMap(
    (interval) => [`ts + ${interval}`, `ts - ${interval}`],
  ),
  ...['year', 'month', 'week', 'day', 'hour', 'minute'].map((part) => `date_trunc('${part}', ts)`),
  "coalesce(ts, '2023-11-05 05:30:00')",
  "coalesce(ts, '2023-11-05 01:30:00-04')",
  "case when id % 2 = 0 then ts else '2023-03-12 02:30:00' end",
  'greatest(ts, tn)',
  'tn::timestamptz',
  'd::timestamptz',
  "timestamptz '2023-11-05 01:30:00-04'",
  "'2023-03-12T02:30:00+05:30'::timestamptz",
  'ts::timestamp',
  'ts::date',
  'ts::varchar',
  "ts between '2023-03-12' and '2023-11-05 06:00:00+00'",
  "ts in ('2023-03-12 07:00:00', '2023-11-05 01:30:00-04')",
  'max(ts) over (order by id)',
  'list(ts) over (order by id rows 1 preceding)',
  'to_timestamp(1699162200)',
]
  .map(ofExpression)
  .concat(
    'select min(ts), max(ts), list(ts order by id)[1:8] from demo.z',
    "select date_trunc('month', ts) as e, count(*) from demo.z group by e order by e nulls last",
    'select ts from demo.z union all select tn from demo.z order by 1 nulls last',
  )

/** A statement's result in the zone of its reader, and native DuckDB's in a session with this zone. */
export type ZonedStatement = { ours: string; native: string; parameters?: readonly QueryParameter[] }

const LONG_PARTS = ['year', 'quarter', 'month', 'week', 'day', 'decade', 'century']
const CLOCK_PARTS = 'year quarter month week day hour minute isoyear isodow dow doy era yearweek'.split(' ')

type Pair = readonly [ours: string, native: string]

/**
 * Conversions with the zone in the statement, next to those with the zone of the session. Expressions of one kind are
 * columns of one statement, because a statement takes much longer than a column.
 */
export function zonedStatements(zone: string): readonly ZonedStatement[] {
  const local = `(ts at time zone '${zone}')`
  const conversions: readonly (readonly Pair[])[] = [
    // Casts.
    [
      [local, 'ts::timestamp'],
      [`${local}::date`, 'ts::date'],
      [`${local}::time`, 'ts::timestamp::time'],
    ],
    [
      [`timezone('${zone}', ts)`, 'ts::timestamp'],
      [`timezone('${zone}', tn)`, 'tn::timestamptz'],
    ],
    [
      [`tn at time zone '${zone}'`, 'tn::timestamptz'],
      [`d::timestamp at time zone '${zone}'`, 'd::timestamptz'],
    ],
    CLOCK_TIMES.map((time): Pair => [`timestamp '${time}' at time zone '${zone}'`, `timestamptz '${time}'`]),
    // Hours that clocks skip and repeat among them.
    ['2023, 11, 5, 1, 30, 0.5', '2023, 3, 12, 2, 30, 0', '2023, 10, 1, 2, 15, 0', '1850, 1, 1, 0, 0, 0'].map(
      (clock): Pair => [`make_timestamptz(${clock}, '${zone}')`, `make_timestamptz(${clock})`],
    ),
  ]
  const uses: readonly (readonly Pair[])[] = [
    // Comparison with texts, dates and times without an offset.
    ...['=', '<', '>='].map((operator) =>
      CLOCK_TIMES.map(
        (time): Pair => [`ts ${operator} timestamp '${time}' at time zone '${zone}'`, `ts ${operator} '${time}'`],
      ),
    ),
    [
      [`ts > tn at time zone '${zone}'`, 'ts > tn'],
      [`ts < d::timestamp at time zone '${zone}'`, 'ts < d'],
    ],
    [[`coalesce(ts, tn at time zone '${zone}')`, 'coalesce(ts, tn)']],
    [
      [
        `ts between (timestamp '2023-03-12' at time zone '${zone}') and (timestamp '2023-11-05 01:30:00' at time zone '${zone}')`,
        "ts between '2023-03-12' and '2023-11-05 01:30:00'",
      ],
    ],
    // Parts of time, and texts.
    CLOCK_PARTS.map((part): Pair => [`extract(${part} from ${local})`, `extract(${part} from ts)`]),
    [
      [`dayname(${local})`, 'dayname(ts)'],
      [`monthname(${local})`, 'monthname(ts)'],
      [`last_day(${local})`, 'last_day(ts)'],
      [`strftime(${local}, '%Y-%m-%d %H:%M:%S %A')`, "strftime(ts, '%Y-%m-%d %H:%M:%S %A')"],
    ],
    LONG_PARTS.map(
      (part): Pair => [`date_trunc('${part}', ${local}) at time zone '${zone}'`, `date_trunc('${part}', ts)`],
    ),
    [['epoch_us(ts)', 'epoch_us(ts)']],
    // Arithmetic: of the clock for days and months, of the time that passes for the rest.
    ["interval '1 day'", "interval '1 month'", "interval '1 year'", "interval '13 months 3 days'"].flatMap((interval) =>
      ['+', '-'].map(
        (sign): Pair => [`(${local} ${sign} ${interval}) at time zone '${zone}'`, `ts ${sign} ${interval}`],
      ),
    ),
    [
      ["ts + interval '90 minutes'", "ts + interval '90 minutes'"],
      ["ts - interval '36 hours'", "ts - interval '36 hours'"],
    ],
    ['year', 'month', 'week', 'day'].map(
      (part): Pair => [
        `date_diff('${part}', timestamp '2023-01-01' , ${local})`,
        `date_diff('${part}', timestamptz '2023-01-01', ts)`,
      ],
    ),
    [[`make_timestamp(2023, 11, 5, 1, 30, 0.5) at time zone '${zone}'`, 'make_timestamptz(2023, 11, 5, 1, 30, 0.5)']],
    [
      [
        `make_timestamptz(2023, least(id, 12), 1, 12, 0, 0, case when id > 2 then '${zone}' end)`,
        'case when id > 2 then make_timestamptz(2023, least(id, 12), 1, 12, 0, 0) end',
      ],
    ],
  ]
  const [instants, clockTimes] = [INSTANTS.slice(0, 11), CLOCK_TIMES]
  const parametersOf = (type: 'timestamp' | 'timestamptz', texts: readonly string[]) =>
    texts.map((text, i): QueryParameter => ({ name: `p${i}`, type, isList: false, text }))
  const ofEach = (texts: readonly string[], columns: (text: string, parameter: string) => string) =>
    `select id, ${texts.map((text, i) => columns(text, `$p${i}`)).join(', ')} from demo.z order by id`
  const comparedParameters = {
    ours: ofEach(clockTimes, (_, parameter) => `ts < ${parameter} at time zone '${zone}'`),
    native: ofEach(clockTimes, (text) => `ts < '${text}'`),
    parameters: parametersOf('timestamp', clockTimes),
  }
  const isConvertedOnly = zone === CONVERTED_ONLY
  return [
    ...[...conversions, ...(isConvertedOnly ? [] : uses)].map((pairs) => ({
      ours: ofExpressions(pairs.map(([ours]) => ours)),
      native: ofExpressions(pairs.map(([, native]) => native)),
    })),
    {
      ours: `select ${local}::date as e, count(*) from demo.z group by e order by e nulls last`,
      native: 'select ts::date as e, count(*) from demo.z group by e order by e nulls last',
    },
    {
      ours: `select id from demo.z where ${local} >= '2023-03-12 03:00:00' and ${local} < '2023-11-05' order by id`,
      native:
        "select id from demo.z where ts::timestamp >= '2023-03-12 03:00:00' and ts::timestamp < '2023-11-05' order by id",
    },
    // Parameters: instants, and times of the reader's clocks.
    {
      ours: ofEach(instants, (_, parameter) => `ts >= ${parameter}, ${parameter}`),
      native: ofEach(instants, (text) => `ts >= timestamptz '${text}', timestamptz '${text}'`),
      parameters: parametersOf('timestamptz', instants),
    },
    {
      ours: ofEach(clockTimes, (_, parameter) => `${parameter} at time zone '${zone}'`),
      native: ofEach(clockTimes, (text) => `timestamptz '${text}'`),
      parameters: parametersOf('timestamp', clockTimes),
    },
    ...(isConvertedOnly ? [] : [comparedParameters]),
  ]
}

export type SqlZones = {
  /** The rows as a session in a zone shows them to a reader in another. */
  showNatively(sql: string, zones: { session: string; reader: string }): Promise<readonly string[]>
  showInAdapter(
    sql: string,
    options: { reader: string; parameters?: readonly QueryParameter[] | undefined },
  ): Promise<readonly string[]>
  close(): void
}

/** Writes the table, and opens it in native DuckDB and in an adapter. */
export async function openSqlZones(
  openAdapter: (access: ParquetTableAccess) => Promise<Pick<QueryEngine, 'run'>>,
): Promise<SqlZones> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-sql-zones-'))
  const instance = await DuckDBInstance.create(':memory:')
  const native = await instance.connect()
  await native.run("set TimeZone = 'UTC'; create schema demo")
  const engine = await openAdapter(await writeParquetTables(native, folder, [TABLE]))

  // The session knows no reader: those in every zone are shown the values of one result.
  const results = new Map<string, ReturnType<typeof engine.run>>()
  const run = (sql: string, parameters: readonly QueryParameter[]) => {
    const key = JSON.stringify([sql, parameters])
    const request = { sql, cursor: 0, connection: 'local', connections: ['local'], maxRows: 1000, parameters }
    const options = { signal: new AbortController().signal, onProgress: () => {}, confirm: async () => true }
    const result = results.get(key) ?? engine.run(request, options)
    results.set(key, result)
    return result
  }
  return {
    async showNatively(sql, { session, reader }) {
      await native.run(`set TimeZone = '${session}'; create or replace temp table shown as ${sql}`)
      await native.run(`set TimeZone = '${reader}'`)
      const rows = (await native.runAndReadAll('select columns(*)::varchar from shown')).getRows()
      return rows.map((row) => row.map((value) => toComparable(value === null ? null : String(value))).join(' | '))
    },
    async showInAdapter(sql, { reader, parameters = [] }) {
      const { batches, columns } = await run(sql, parameters)
      return batches.flatMap(({ rowCount, value }) =>
        Array.from({ length: rowCount }, (_row, row) =>
          columns
            .map(({ type }, column) => {
              const each = value(row, column)
              return toComparable(each === null ? null : lineText(type, each, reader))
            })
            .join(' | '),
        ),
      )
    },
    close() {
      native.closeSync()
      instance.closeSync()
      rmSync(folder, { recursive: true })
    },
  }
}

/**
 * A nested value as the times in it. Fractions have no zeros at their end, and offsets no minutes that are zero. Native
 * DuckDB cuts the seconds of offsets from before there were zones, and numbers the years before 1 in another way.
 */
function toComparable(text: string | null): string {
  if (text === null) return 'null'
  const times = text.match(/\d+-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d(:\d\d)*)?/g)
  const isNested = /^[[{]|^at /.test(text)
  return (isNested ? (times ?? []).join(', ') : text)
    .replace(/^(\d{4})(-\d\d-\d\d) \(BC\)/, (_, year: string, day: string) => `${1 - Number(year)}${day}`)
    .replace(/^-?000(\d)(-\d\d-\d\d )/, (all: string, year: string, day: string) =>
      all.startsWith('-') ? `-${year}${day}` : `${year}${day}`,
    )
    .replace(/^\+/, '')
    .replaceAll(/(:\d\d)\.(\d*?)0+(?=\D|$)/g, (_, seconds: string, digits: string) =>
      digits === '' ? seconds : `${seconds}.${digits}`,
    )
    .replaceAll(/(:\d\d(?:\.\d+)?[+-]\d\d:\d\d):\d\d(?=\D|$)/g, '$1')
    .replaceAll(/(:\d\d(?:\.\d+)?[+-]\d\d):00(?=\D|$)/g, '$1')
}
