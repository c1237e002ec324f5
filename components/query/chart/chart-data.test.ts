import { describe, expect, test } from 'vitest'
import type { Type, Value } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { valueText } from '@/lib/scan/value-text'
import { bestChoice, type ChartChoice, chartColumns, nameChart, resolveChart } from './chart-choice'
import { chartData, MAX_BARS, MAX_POINTS, MAX_READ_ROWS } from './chart-data'
import { chartNotes } from './chart-notes'
import type { ChartSource } from './chart-source'

function sourceOf(
  columns: readonly [name: string, type: Type][],
  rows: readonly (readonly (RowValue | null)[])[],
): ChartSource {
  return {
    columns: columns.map(([name, type]) => ({ name, type, sqlType: '' })),
    rowCount: rows.length,
    isTruncated: false,
    value: (row, column) => rows[row]?.[column] ?? null,
    text: (row, column) => {
      const [type, value] = [columns[column]?.[1], rows[row]?.[column] ?? null]
      return value === null || typeof type !== 'string' || type === 'date'
        ? String(value)
        : valueText(type, value as Value, 'UTC')
    },
  }
}
/** Two days with two airports each, and the hour of the reading, which is the same. */
const BY_AIRPORT = sourceOf(
  [
    ['d', 'date'],
    ['hour', 'int'],
    ['origin', 'string'],
    ['flights', 'long'],
  ],
  [
    [1, 6, 'ORD', 10n],
    [1, 6, 'ATL', 11n],
    [2, 6, 'ORD', 20n],
    [2, 6, 'ATL', 21n],
  ],
)
const emptySource = (...types: readonly Type[]) =>
  sourceOf(
    types.map((type, i) => [`c${i}`, type]),
    [],
  )
const choiceOf = (choice: Partial<ChartChoice>): ChartChoice => ({
  kind: 'line',
  x: 0,
  y: [1],
  series: null,
  aggregation: 'sum',
  ...choice,
})
/** Texts of points, by series and X. */
const pointTexts = (choice: ChartChoice, source: ChartSource) => {
  const { points, series, xs } = chartData(choice, source)
  return points.map((point) => [xs[point.position]?.text, series[point.series]?.label, point.yText].join(' '))
}

describe('the usual chart of a result', () => {
  const choice = { series: null, aggregation: 'sum' }
  test.each<[string, readonly Type[], unknown]>([
    ['a line over time', ['string', 'timestamptz', 'long'], { kind: 'line', x: 1, y: [2], ...choice }],
    ['bars over categories', ['long', 'string'], { kind: 'bar', x: 1, y: [0], ...choice }],
    ['points of two numbers', ['int', 'decimal(9, 2)'], { kind: 'scatter', x: 0, y: [1], ...choice }],
    ['the distribution of one number', ['double'], { kind: 'histogram', x: 0, y: [], ...choice }],
    ['the distribution of times', ['date'], { kind: 'histogram', x: 0, y: [], ...choice }],
    ['none without numbers', ['string', 'boolean'], null],
    ['none for nested values', [{ type: 'struct', fields: [] }], null],
  ])('is %s', (_name, types, expected) => {
    expect(bestChoice(emptySource(...types))).toEqual(expected)
  })

  test('has a series for each text that tells rows with the same X apart', () => {
    expect(bestChoice(BY_AIRPORT)).toMatchObject({ kind: 'line', x: 0, series: 2 })
    const days = { ...BY_AIRPORT, rowCount: 1 }
    expect(bestChoice(days)?.series).toBeNull()
  })

  test('has the mean of floating-point numbers where X repeats, and the sum of others', () => {
    expect(bestChoice(emptySource('date', 'double'))?.aggregation).toBe('mean')
    expect(bestChoice(emptySource('date', 'decimal(9, 2)'))?.aggregation).toBe('sum')
  })

  test('offers columns by their types', () => {
    const { columns } = emptySource('string', 'date', 'long', 'binary')
    expect(chartColumns('bar', columns)).toEqual({ x: [0, 1, 2], y: [2], series: [0, 1, 2] })
    expect(chartColumns('line', columns)).toMatchObject({ x: [1, 2], y: [2] })
    expect(chartColumns('histogram', columns)).toEqual({ x: [1, 2], y: [], series: [] })
  })
})

describe('a chart by the names of its columns', () => {
  test('is the same chart in a result with more columns, and none without one of them', () => {
    const named = nameChart(choiceOf({ y: [3], series: 2 }), BY_AIRPORT.columns)
    const [first, ...rest] = BY_AIRPORT.columns
    if (!first) throw new Error('no column')
    const added = { name: 'added', type: 'int' as const, sqlType: '' }
    expect(resolveChart(named, [first, added, ...rest])).toEqual(choiceOf({ y: [4], series: 3 }))
    expect(resolveChart(named, rest)).toBeNull()
    expect(resolveChart({ ...named, y: ['origin'] }, BY_AIRPORT.columns)).toBeNull()
    expect(resolveChart({ ...named, kind: 'histogram' }, BY_AIRPORT.columns)).toBeNull()
  })

  test('tells columns of the same name apart', () => {
    const { columns } = sourceOf(
      [
        ['d', 'date'],
        ['n', 'int'],
        ['n', 'int'],
        ['', 'int'],
      ],
      [],
    )
    const named = nameChart(choiceOf({ y: [2, 3] }), columns)
    expect(named.y).toEqual(['n (2)', 'column 4'])
    expect(resolveChart(named, columns)?.y).toEqual([2, 3])
  })
})

describe('the points of a chart', () => {
  test('are a line for each value of the series, never one line through all of them', () => {
    expect(pointTexts(choiceOf({ y: [3], series: 2 }), BY_AIRPORT)).toEqual([
      '1 ATL 11',
      '1 ORD 10',
      '2 ATL 21',
      '2 ORD 20',
    ])
  })

  test('are aggregated where X repeats, and the chart says so', () => {
    const perDay = (aggregation: ChartChoice['aggregation']) =>
      pointTexts(choiceOf({ y: [3], aggregation }), BY_AIRPORT).map((text) => text.split(' ').at(-1))
    expect(perDay('sum')).toEqual(['21', '41'])
    expect(perDay('mean')).toEqual(['10.5', '20.5'])
    expect(perDay('min')).toEqual(['10', '20'])
    expect(perDay('max')).toEqual(['11', '21'])
    expect(perDay('count')).toEqual(['2', '2'])
    const choice = choiceOf({ y: [3] })
    expect(chartNotes(choice, chartData(choice, BY_AIRPORT), BY_AIRPORT)).toEqual([
      'all 4 rows',
      'sum of flights where d repeats (up to 2 rows a point)',
      'vertical axis starts at 20, not at 0',
    ])
  })

  test('of a truncated result are those of its first rows, and not all', () => {
    const choice = choiceOf({ y: [3] })
    const rowsOf = (source: ChartSource) => chartNotes(choice, chartData(choice, source), source)[0]
    expect(rowsOf({ ...BY_AIRPORT, isTruncated: true })).toBe('the first 4 rows')
    const many = { ...BY_AIRPORT, rowCount: MAX_READ_ROWS + 5, value: () => 1n }
    expect(rowsOf({ ...many, isTruncated: true })).toBe('the first 100,000 rows')
    expect(rowsOf(many)).toBe('first 100,000 of 100,005 rows')
  })

  test('have exact sums of 64-bit integers and decimals', () => {
    const source = sourceOf(
      [
        ['d', 'date'],
        ['l', 'long'],
        ['m', 'decimal(38, 2)'],
      ],
      [
        [1, 9_007_199_254_740_993n, 1n],
        [1, 9_007_199_254_740_993n, 12_345_678_901_234_567_890n],
      ],
    )
    expect(pointTexts(choiceOf({ y: [1, 2] }), source)).toEqual(['1 l 18014398509481986', '1 m 123456789012345678.91'])
  })

  test('count a single row as one where others repeat', () => {
    const source = sourceOf(
      [
        ['d', 'date'],
        ['n', 'int'],
      ],
      [
        [1, 7],
        [1, 7],
        [2, 7],
      ],
    )
    expect(pointTexts(choiceOf({ aggregation: 'count' }), source)).toEqual(['1 n 2', '2 n 1'])
  })

  test('have a series for each measure, in the order of their choice', () => {
    expect(chartData(choiceOf({ y: [3, 1] }), BY_AIRPORT).series.map(({ label }) => label)).toEqual(['flights', 'hour'])
  })

  test('tell null and the text null apart', () => {
    const source = sourceOf(
      [
        ['d', 'date'],
        ['s', 'string'],
        ['n', 'int'],
      ],
      [
        [1, null, 1],
        [1, 'null', 2],
      ],
    )
    const { series } = chartData(choiceOf({ y: [2], series: 1 }), source)
    expect(new Set(series.map(({ key }) => key)).size).toBe(2)
  })

  test('are of the six largest series, and the others are named', () => {
    const rows = Array.from({ length: 9 }, (_, i) => [1, `s${i}`, i])
    const source = sourceOf(
      [
        ['d', 'date'],
        ['s', 'string'],
        ['n', 'int'],
      ],
      rows,
    )
    const choice = choiceOf({ y: [2], series: 1 })
    const data = chartData(choice, source)
    expect(data.series.map(({ label }) => label)).toEqual(['s8', 's7', 's6', 's5', 's4', 's3'])
    expect(data.leftOutSeries).toEqual(['s2', 's1', 's0'])
    expect(chartNotes(choice, data, source)[1]).toBe('6 of 9 series, the largest; not shown: s2, s1, and s0')
  })

  test('have exact texts, also where a number of JavaScript would round', () => {
    const source = sourceOf(
      [
        ['n', 'decimal(38, 2)'],
        ['l', 'long'],
      ],
      [[12_345_678_901_234_500n, 9_007_199_254_740_993n]],
    )
    const { xs, points } = chartData(choiceOf({ kind: 'scatter' }), source)
    expect(xs).toEqual([{ x: 123_456_789_012_345, text: '123456789012345.00' }])
    expect(points).toMatchObject([{ row: 0, y: 9_007_199_254_740_992, yText: '9007199254740993' }])
  })

  test('of a line go from left to right and know their rows', () => {
    const days = [3, 1, 2].map((day) => [day, day * 10])
    const source = sourceOf(
      [
        ['d', 'date'],
        ['v', 'int'],
      ],
      days,
    )
    expect(chartData(choiceOf({}), source).points.map(({ row, x }) => [row, x])).toEqual([
      [1, 1],
      [2, 2],
      [0, 3],
    ])
  })

  test('leave out what is not a number, and count it', () => {
    const rows = [[1], [null], [Number.NaN], [Number.POSITIVE_INFINITY], [2]].map(([v], i) => [`a${i}`, v ?? null])
    const source = sourceOf(
      [
        ['s', 'string'],
        ['v', 'double'],
      ],
      rows,
    )
    expect(chartData(choiceOf({ kind: 'bar' }), source)).toMatchObject({ shownRows: 2, leftOutRows: 3, unreadRows: 0 })
  })

  test.each([
    ['bar', MAX_BARS, { leftOutXs: 7, unreadRows: 0 }],
    ['line', MAX_POINTS, { leftOutXs: 7, unreadRows: 0 }],
    ['scatter', MAX_POINTS, { leftOutXs: 0, unreadRows: 7 }],
  ] as const)('of a %s chart are at most %i, and the chart says so', (kind, most, bound) => {
    const rows = Array.from({ length: most + 7 }, (_, i) => [i, i])
    const source = sourceOf(
      [
        ['a', 'int'],
        ['b', 'int'],
      ],
      rows,
    )
    const choice = choiceOf({ kind })
    const data = chartData(choice, source)
    expect(data).toMatchObject(bound)
    expect(data.points).toHaveLength(most)
    expect(chartNotes(choice, data, source).join('; ')).toContain(`first ${most.toLocaleString('en-US')} of `)
  })
})

describe('the ranges of a histogram', () => {
  const histogram = (type: Type, values: readonly (RowValue | null)[]) =>
    chartData(
      choiceOf({ kind: 'histogram', y: [] }),
      sourceOf(
        [['v', type]],
        values.map((value) => [value]),
      ),
    )

  test.each<[Type, readonly (RowValue | null)[]]>([
    ['int', Array.from({ length: 1000 }, (_, i) => i % 97)],
    ['double', [0, 0.1, 0.2, 0.30000000000000004, 1]],
    ['double', [-5, 5, -2.5]],
    ['long', [-9_223_372_036_854_775_808n, 0n, 9_223_372_036_854_775_807n]],
    ['decimal(9, 2)', [100n, 150n, 9999n]],
    ['timestamp', [0n, 86_400_000_000n, 31_536_000_000_000n]],
    ['date', [0, 1, 2]],
  ])('of %s have every value once', (type, values) => {
    const { points, xs, shownRows } = histogram(type, values)
    expect(points.reduce((sum, { y }) => sum + y, 0)).toBe(values.length)
    expect(shownRows).toBe(values.length)
    expect(points.length).toBeLessThanOrEqual(40)
    expect(new Set(xs.map(({ text }) => text)).size).toBe(points.length)
  })

  test('have round edges, whole ones for whole numbers', () => {
    const { points, xs } = histogram(
      'int',
      Array.from({ length: 100 }, (_, i) => i),
    )
    expect(xs[0]).toEqual({ x: 0, text: '0 to 5' })
    expect(points[0]).toMatchObject({ yText: '5', row: null })
    expect(points).toHaveLength(20)
  })

  test.each<[Type, bigint, string]>([
    ['long', 9_007_199_254_740_993n, '9007199254740993 to 9007199254740994'],
    [
      'decimal(38, 12)',
      -12_345_678_901_234_567_890_123_456_789_000_000_000n,
      '−12345678901234567890123456.789 to −12345678901234567890123456.788999999999',
    ],
    ['timestamp_ns', 1_700_000_000_000_000_001n, '2023-11-14 22:13:20 to 2023-11-14 22:13:20'],
  ])('of %s count values that are one number as doubles', (type, start, text) => {
    const { points, xs } = histogram(
      type,
      Array.from({ length: 20 }, (_, i) => start + BigInt(i)),
    )
    expect(points.map(({ y }) => y)).toEqual(new Array(20).fill(1))
    expect(xs[0]?.text).toBe(text)
  })

  test('have round edges also beyond the digits of a number', () => {
    const { xs } = histogram('decimal(38, 2)', [0n, 10n ** 38n - 1n])
    expect(xs[1]?.text).toMatch(/^[125]0+ to [1-9]0+$/)
  })

  test('of one value are that value, and of none there are none', () => {
    expect(histogram('int', [7, 7])).toMatchObject({
      xs: [{ x: 7, text: '7' }],
      points: [{ row: null, y: 2, yText: '2' }],
    })
    expect(histogram('int', [null])).toMatchObject({ points: [], leftOutRows: 1 })
  })

  test('count a bounded number of rows', () => {
    const source = { ...sourceOf([['v', 'int']], []), rowCount: MAX_READ_ROWS + 5, value: (row: number) => row % 10 }
    expect(chartData(choiceOf({ kind: 'histogram', y: [] }), source)).toMatchObject({
      shownRows: MAX_READ_ROWS,
      unreadRows: 5,
    })
  })
})
