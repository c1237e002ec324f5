import type { NestedField, PrimitiveType } from '@/lib/iceberg/schema/types'
import { type ReadValue, toReadValue } from './read-value'

export type ValueCase = {
  type: PrimitiveType
  /** As Python writes the values, which is how CSV may have them, too. */
  texts: readonly (string | null)[]
  /** Values that are not written to every partition, because a transform has no result for some of them. */
  edges: readonly string[]
  /** Partition fields. */
  transforms: readonly string[]
}

/** By the name of a column. */
export const VALUE_CASES: Readonly<Record<string, ValueCase>> = {
  b: { type: 'boolean', texts: ['true', null, 'false'], edges: [], transforms: ['b'] },
  i: {
    type: 'int',
    texts: ['2147483647', '-2147483640', null, '-11'],
    edges: ['-2147483648', '0'],
    transforms: ['i', 'bucket(7, i)', 'truncate(10, i)'],
  },
  l: {
    type: 'long',
    texts: ['9223372036854775807', '-9223372036854775800', '9007199254740993', null],
    edges: ['-9223372036854775808'],
    transforms: ['l', 'bucket(7, l)', 'truncate(10, l)'],
  },
  f: {
    type: 'float',
    texts: ['1.5', '-0.0', 'nan', 'inf', null],
    edges: ['-inf', '0.0', '3.4028234663852886e38', '1.401298464324817e-45'],
    transforms: ['f'],
  },
  d: {
    type: 'double',
    texts: ['0.1', '-0.0', '5e-324', '-inf', null, 'nan'],
    edges: ['inf', '0.0', '1.7976931348623157e308', '-2.2250738585072014e-308'],
    transforms: ['d'],
  },
  n: {
    type: 'decimal(9, 2)',
    texts: ['12.50', '-9999999.50', null, '-0.07'],
    edges: ['9999999.99', '-9999999.99', '0.00'],
    transforms: ['n', 'bucket(7, n)', 'truncate(50, n)'],
  },
  w: {
    type: 'decimal(38, 10)',
    texts: ['1234567890123456789012345678.0123456789', '-12.3456789012', null],
    edges: [
      '9999999999999999999999999999.9999999999',
      '-9999999999999999999999999999.9999999999',
      '-0.0000000001',
      '18446744073709551616.0000000000',
    ],
    transforms: ['w', 'bucket(7, w)', 'truncate(50, w)'],
  },
  day: {
    type: 'date',
    texts: ['2024-02-29', '0001-01-01', '9999-12-31', '1969-12-31', null],
    edges: ['1582-10-10', '1900-02-28'],
    transforms: ['day', 'year(day)', 'month(day)', 'day(day)', 'bucket(7, day)'],
  },
  at: {
    type: 'time',
    texts: ['23:59:59.999999', '00:00:00', null],
    edges: ['12:00:00.000001'],
    transforms: ['at', 'bucket(7, at)'],
  },
  ts: {
    type: 'timestamp',
    texts: [
      '2024-02-29 12:34:56.123456',
      '1969-12-31 23:59:59.999999',
      null,
      '0001-01-01 00:00:00',
      '9999-12-31 23:59:59.999999',
    ],
    edges: ['1970-01-01 00:00:00', '1582-10-10 00:00:00.000001'],
    transforms: ['ts', 'year(ts)', 'month(ts)', 'day(ts)', 'hour(ts)', 'bucket(7, ts)'],
  },
  tz: {
    type: 'timestamptz',
    texts: [
      '2024-02-29 12:34:56.123456+00:00',
      '1969-12-31 23:59:59.999999+00:00',
      null,
      '0001-01-01 00:00:00+00:00',
      '9999-12-31 23:59:59.999999+00:00',
    ],
    edges: ['1970-01-01 00:00:00+00:00'],
    transforms: ['tz', 'year(tz)', 'month(tz)', 'day(tz)', 'hour(tz)', 'bucket(7, tz)'],
  },
  s: {
    type: 'string',
    texts: ['é', '😀😀b', 'a/b=c%', "it's", null],
    edges: ['', ' ', '\u{10ffff}', 'e\u0301', 'a\nb\tc', '"', '\\', 'null', '\u0001\ufeff', '日本語'],
    transforms: ['s', 'bucket(7, s)', 'truncate(2, s)'],
  },
  u: {
    type: 'uuid',
    texts: ['f79c3e09-677c-4bbd-a479-3f349cb785e7', 'ffffffff-ffff-ffff-ffff-ffffffffffff', null],
    edges: ['00000000-0000-0000-0000-000000000000'],
    transforms: ['u', 'bucket(7, u)'],
  },
  x: {
    type: 'binary',
    texts: ['00ff', '7f', null, '80'],
    edges: ['', '00', 'ff'.repeat(40)],
    transforms: ['x', 'bucket(7, x)', 'truncate(1, x)'],
  },
}

/** The columns of a table with an `id` and these values. */
export function valueColumns(names: readonly string[]): NestedField[] {
  const columns = names.map((name, i) => ({ id: i + 2, name, required: false, type: caseOf(name).type }))
  return [{ id: 1, name: 'id', required: false, type: 'int' }, ...columns]
}

/** Rows with the values of these columns in turn. @param hasEdges whether they have those that a transform may refuse */
export function createRows(names: readonly string[], hasEdges: boolean): (string | null)[][] {
  const values = names.map((name) => [...caseOf(name).texts, ...(hasEdges ? caseOf(name).edges : [])])
  const rowCount = Math.max(...values.map((texts) => texts.length)) + 1
  return Array.from({ length: rowCount }, (_, row) => [
    String(row),
    ...values.map((texts) => texts[row % texts.length] ?? null),
  ])
}

export function toCsv(names: readonly string[], rows: readonly (string | null)[][]): string {
  const lines = rows.map((row) => row.map((text) => (text === null ? '' : `"${text.replaceAll('"', '""')}"`)).join(','))
  return `${['id', ...names].join(',')}\n${lines.join('\n')}\n`
}

/** The rows as readers have to return them. */
export function toReadRows(names: readonly string[], rows: readonly (string | null)[][]): ReadValue[][] {
  const columns = valueColumns(names)
  return rows.map((row) => columns.map(({ type }, i) => toReadValue(type, row[i] ?? null)))
}

export function sortById(rows: readonly ReadValue[][]): ReadValue[][] {
  return rows.toSorted(([a], [b]) => Number(a) - Number(b))
}

function caseOf(name: string): ValueCase {
  const found = VALUE_CASES[name]
  if (!found) throw new Error(`${name} is not one of the columns`)
  return found
}
