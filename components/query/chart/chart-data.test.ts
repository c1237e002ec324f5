import { describe, expect, test } from 'vitest'
import type { Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import {
  axisColumns,
  bestChoice,
  type ChartSource,
  chartData,
  MAX_BARS,
  MAX_COUNTED_ROWS,
  MAX_POINTS,
} from './chart-data'

function sourceOf(
  columns: readonly [name: string, type: Type][],
  rows: readonly (readonly (RowValue | null)[])[],
): ChartSource {
  return {
    columns: columns.map(([name, type]) => ({ name, type, sqlType: '' })),
    rowCount: rows.length,
    value: (row, column) => rows[row]?.[column] ?? null,
    text: (row, column) => `text of ${String(rows[row]?.[column])}`,
  }
}
const columnsOf = (...types: readonly Type[]) =>
  sourceOf(
    types.map((type, i) => [`c${i}`, type]),
    [],
  ).columns

describe('the usual chart of a result', () => {
  test.each<[string, readonly Type[], unknown]>([
    ['a line over time', ['string', 'timestamptz', 'long'], { kind: 'line', x: 1, y: 2 }],
    ['bars over categories', ['long', 'string'], { kind: 'bar', x: 1, y: 0 }],
    ['points of two numbers', ['int', 'decimal(9, 2)'], { kind: 'scatter', x: 0, y: 1 }],
    ['the distribution of one number', ['double'], { kind: 'histogram', x: 0, y: null }],
    ['the distribution of times', ['date'], { kind: 'histogram', x: 0, y: null }],
    ['none without numbers', ['string', 'boolean'], null],
    ['none for nested values', [{ type: 'struct', fields: [] }], null],
  ])('is %s', (_name, types, choice) => {
    expect(bestChoice(columnsOf(...types))).toEqual(choice)
  })

  test('offers axes by the types of columns', () => {
    const columns = columnsOf('string', 'date', 'long', 'binary')
    expect(axisColumns('bar', columns)).toEqual({ x: [0, 1, 2], y: [2] })
    expect(axisColumns('line', columns)).toEqual({ x: [1, 2], y: [2] })
    expect(axisColumns('histogram', columns)).toEqual({ x: [1, 2], y: [] })
  })
})

describe('the points of a chart', () => {
  test('have exact texts, also where a number of JavaScript would round', () => {
    const source = sourceOf(
      [
        ['n', 'decimal(38, 2)'],
        ['l', 'long'],
      ],
      [[12_345_678_901_234_500n, 9_007_199_254_740_993n]],
    )
    expect(chartData({ kind: 'scatter', x: 0, y: 1 }, source).points).toEqual([
      {
        row: 0,
        x: 123_456_789_012_345,
        y: 9_007_199_254_740_992,
        xText: 'text of 12345678901234500',
        yText: 'text of 9007199254740993',
      },
    ])
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
    expect(chartData({ kind: 'line', x: 0, y: 1 }, source).points.map(({ row, x }) => [row, x])).toEqual([
      [1, 1],
      [2, 2],
      [0, 3],
    ])
  })

  test('leave out what is no number, and count it', () => {
    const rows = [[1], [null], [Number.NaN], [Number.POSITIVE_INFINITY], [2]].map(([v]) => ['a', v ?? null])
    const source = sourceOf(
      [
        ['s', 'string'],
        ['v', 'double'],
      ],
      rows,
    )
    expect(chartData({ kind: 'bar', x: 0, y: 1 }, source)).toMatchObject({
      shownRows: 2,
      leftOutRows: 3,
      unreadRows: 0,
    })
  })

  test.each([
    ['bar', MAX_BARS],
    ['line', MAX_POINTS],
    ['scatter', MAX_POINTS],
  ] as const)('of a %s chart are at most %i', (kind, most) => {
    const rows = Array.from({ length: most + 7 }, (_, i) => [i, i])
    const source = sourceOf(
      [
        ['a', 'int'],
        ['b', 'int'],
      ],
      rows,
    )
    const { points, unreadRows } = chartData({ kind, x: 0, y: 1 }, source)
    expect([points.length, unreadRows]).toEqual([most, 7])
  })
})

describe('the ranges of a histogram', () => {
  const histogram = (type: Type, values: readonly (RowValue | null)[]) =>
    chartData(
      { kind: 'histogram', x: 0, y: null },
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
    const { points, shownRows } = histogram(type, values)
    expect(points.reduce((sum, { y }) => sum + y, 0)).toBe(values.length)
    expect(shownRows).toBe(values.length)
    expect(points.length).toBeLessThanOrEqual(40)
    expect(new Set(points.map(({ xText }) => xText)).size).toBe(points.length)
  })

  test('have round edges, whole ones for whole numbers', () => {
    const { points } = histogram(
      'int',
      Array.from({ length: 100 }, (_, i) => i),
    )
    expect(points[0]).toMatchObject({ xText: '0 to 5', yText: '5', row: null })
    expect(points).toHaveLength(20)
  })

  test('of one value are that value, and of none there are none', () => {
    expect(histogram('int', [7, 7]).points).toEqual([{ row: null, x: 7, y: 2, xText: 'text of 7', yText: '2' }])
    expect(histogram('int', [null])).toMatchObject({ points: [], leftOutRows: 1 })
  })

  test('count a bounded number of rows', () => {
    const source = { ...sourceOf([['v', 'int']], []), rowCount: MAX_COUNTED_ROWS + 5, value: (row: number) => row % 10 }
    expect(chartData({ kind: 'histogram', x: 0, y: null }, source)).toMatchObject({
      shownRows: MAX_COUNTED_ROWS,
      unreadRows: 5,
    })
  })
})
