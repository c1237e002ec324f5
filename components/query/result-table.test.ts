import { describe, expect, test } from 'vitest'
import type { Type } from '@/lib/iceberg/schema/types'
import { type QueryResult, type ResultBatch } from '@/lib/query/engine'
import type { RowValue } from '@/lib/scan/read/row-values'
import { EMPTY_RESULT } from '@/testing/components/sample-query-result'
import { resultTable } from './result-table'

type ColumnType = readonly [name: string, type: Type, sqlType: string]

const STRUCT: Type = { type: 'struct', fields: [{ id: 0, name: 'a', type: 'int', required: false }] }
const TYPES: readonly ColumnType[] = [
  ['n', 'long', 'BIGINT'],
  ['t', 'string', 'VARCHAR'],
  ['s', STRUCT, 'STRUCT(a INTEGER)'],
]

function makeResult(batches: readonly ResultBatch[], types = TYPES): QueryResult {
  return {
    ...EMPTY_RESULT,
    columns: types.map(([name, type, sqlType]) => ({ name, type, sqlType })),
    batches,
    rowCount: batches.reduce((sum, { rowCount }) => sum + rowCount, 0),
  }
}

/** One batch of columns of equal length. */
function makeBatches(...columns: readonly (readonly (RowValue | null)[])[]): ResultBatch[] {
  return [{ rowCount: columns[0]?.length ?? 0, value: (row, column) => columns[column]?.[row] ?? null }]
}

describe('A result in the grid', () => {
  const first = makeBatches([9_007_199_254_740_993n, null], ['ORD', ''], [[1], null])
  const second = makeBatches([-1234n, 0n, 999n], [null, 'x', 'y'], [[2], [3], [4]])
  const table = resultTable(makeResult([...first, ...second]))

  test('shows integers exactly and without separators, like the rows of a table', () => {
    expect(table.cell(0, '0')).toEqual({ kind: 'value', text: '9007199254740993' })
    expect(table.cell(2, '0')?.text).toBe('-1234')
  })

  test('is sorted by a column, with its nested values', () => {
    const { cell, value } = table.sorted({ columnKey: '0', isDescending: true })
    expect([0, 1, 2, 3, 4].map((row) => cell(row, '0')?.text)).toEqual([
      '9007199254740993',
      '999',
      '0',
      '-1234',
      'null',
    ])
    expect(value(1, '2')?.value).toEqual([4])
    expect(cell(5, '0')).toBeUndefined()
    expect(table.sorted(null).cell(1, '0')?.kind).toBe('null')
  })

  test('sorts intervals by their length', () => {
    const batches = makeBatches([1n, 2n, 3n, 4n], ['2 days', '10 days', '01:00:00', null], [null, null, null, null])
    const { sorted } = resultTable(makeResult(batches, [...TYPES.slice(0, 1), ['t', 'string', 'INTERVAL']]))
    const ascending = sorted({ columnKey: '1', isDescending: false })
    expect([0, 1, 2].map((row) => ascending.cell(row, '1')?.text)).toEqual(['01:00:00', '2 days', '10 days'])
    expect(ascending.cell(3, '1')?.kind).toBe('null')
  })

  test('says why it cannot be sorted', () => {
    expect(table.sortProblem('0')).toBeUndefined()
    expect(table.sortProblem('2')).toBe('Nested values cannot be sorted.')
    const cut = resultTable({ ...makeResult(first), isTruncated: true })
    expect(cut.sortProblem('0')).toBe('The result is truncated. Sort it with ORDER BY.')
  })

  test('distinguishes null, empty and zero', () => {
    expect(table.cell(1, '0')).toMatchObject({ kind: 'null' })
    expect(table.cell(1, '1')).toMatchObject({ kind: 'empty' })
    expect(table.cell(3, '0')).toMatchObject({ kind: 'zero', text: '0' })
  })

  test('opens nested values', () => {
    expect(table.cell(2, '2')).toMatchObject({ kind: 'nested', text: 'a 2', copyText: '{"a": 2}' })
    expect(table.value(2, '2')).toMatchObject({ name: 's', value: [2] })
    expect(table.value(1, '2')).toBeNull()
  })

  test('keys columns by index, because a result may have duplicate names', () => {
    expect(table.columns.map(({ key, name, typeLabel, align }) => [key, name, typeLabel, align])).toEqual([
      ['0', 'n', 'bigint', 'right'],
      ['1', 't', 'varchar', 'left'],
      ['2', 's', 'struct(a integer)', 'left'],
    ])
  })

  test('has no cell beyond the last row', () => {
    expect(table.cell(5, '0')).toBeUndefined()
  })
})

test('keeps all digits of sums beyond 64 bits', () => {
  const batches = makeBatches([79228162514264337593543950337n])
  expect(resultTable(makeResult(batches, [['h', 'decimal(38, 0)', 'HUGEINT']])).cell(0, '0')).toMatchObject({
    text: '79228162514264337593543950337',
  })
})

test('shows instants in the zone of SQL', () => {
  const batches = makeBatches([1_684_161_045_123_456n, -3_786_825_600_000_000n, null])
  const table = resultTable(makeResult(batches, [['ts', 'timestamptz', 'TIMESTAMP WITH TIME ZONE']]))
  const texts = [0, 1, 2].map((row) => table.cell(row, '0')?.text)
  expect(texts).toEqual(['2023-05-15 14:30:45.123456+00:00', '1850-01-01 00:00:00+00:00', 'null'])
  expect(table.columns.map(({ typeLabel }) => typeLabel)).toEqual(['timestamptz'])
  expect(table.hasInstants).toBe(true)
  const { cell } = table.sorted({ columnKey: '0', isDescending: false })
  expect([0, 1, 2].map((row) => cell(row, '0')?.text.slice(0, 4))).toEqual(['1850', '2023', 'null'])
})

test('shows the beginning of a very long text, and copies all of it', () => {
  const long = 'y'.repeat(5_000_000)
  const table = resultTable(makeResult(makeBatches([1n], [long], [null])))
  const cell = table.cell(0, '1')
  expect(cell?.text).toBe(`${'y'.repeat(10_000)}…`)
  expect(cell?.title).toContain('5,000,000 characters')
  expect(cell?.copyText).toBe(long)
})
