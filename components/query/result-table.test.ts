import { RecordBatch, Table, vectorFromArray, Int64, Utf8, Decimal, Struct, Field, Int32 } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { ZERO_COST } from '@/lib/client/duckdb/load-columns'
import type { QueryResult } from '@/lib/client/duckdb/query-types'
import { resultTable } from './result-table'

const struct = new Struct([new Field('a', new Int32(), true)])

function makeResult(batches: readonly RecordBatch[], types: readonly string[]): QueryResult {
  const names = batches[0]?.schema.fields.map(({ name }) => name) ?? []
  return {
    columns: names.map((name, i) => ({ name, type: types[i] ?? '' })),
    batches,
    rowCount: batches.reduce((sum, { numRows }) => sum + numRows, 0),
    isCut: false,
    cost: ZERO_COST,
    timing: {
      startMs: 0,
      planMs: 0,
      confirmMs: 0,
      loadMs: 0,
      fetchMs: 0,
      decodeMs: 0,
      insertMs: 0,
      runMs: 0,
      totalMs: 0,
    },
    columnsRead: 0,
    totalColumns: 0,
    utcColumns: [],
    sizeMismatches: [],
    tablesRead: [],
    viewsRead: [],
    isText: false,
  }
}

function makeBatches(numbers: (bigint | null)[], texts: (string | null)[], structs: ({ a: number } | null)[]) {
  return new Table({
    n: vectorFromArray(numbers, new Int64()),
    t: vectorFromArray(texts, new Utf8()),
    s: vectorFromArray(structs, struct),
  }).batches
}

describe('A result in the grid', () => {
  const first = makeBatches([9_007_199_254_740_993n, null], ['ORD', ''], [{ a: 1 }, null])
  const second = makeBatches([-1234n, 0n, 999n], [null, 'x', 'y'], [{ a: 2 }, { a: 3 }, { a: 4 }])
  const table = resultTable(makeResult([...first, ...second], ['BIGINT', 'VARCHAR', 'STRUCT(a INTEGER)']))

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
    const { sorted } = resultTable(makeResult(batches, ['BIGINT', 'INTERVAL', 'STRUCT(a INTEGER)']))
    const ascending = sorted({ columnKey: '1', isDescending: false })
    expect([0, 1, 2].map((row) => ascending.cell(row, '1')?.text)).toEqual(['01:00:00', '2 days', '10 days'])
    expect(ascending.cell(3, '1')?.kind).toBe('null')
  })

  test('says why it cannot be sorted', () => {
    expect(table.sortProblem('0')).toBeUndefined()
    expect(table.sortProblem('2')).toBe('Nested values cannot be sorted.')
    const cut = resultTable({ ...makeResult(first, ['BIGINT', 'VARCHAR', 'STRUCT(a INTEGER)']), isCut: true })
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
  const [batch] = new Table({ h: vectorFromArray([new Uint32Array([1, 0, 0, 1])], new Decimal(0, 38)) }).batches
  if (!batch) throw new Error('no batch')
  expect(resultTable(makeResult([batch], ['HUGEINT'])).cell(0, '0')).toMatchObject({
    text: '79228162514264337593543950337',
  })
})

test('shows the beginning of a very long text, and copies all of it', () => {
  const long = 'y'.repeat(5_000_000)
  const table = resultTable(makeResult(makeBatches([1n], [long], [null]), ['BIGINT', 'VARCHAR', 'STRUCT(a INTEGER)']))
  const cell = table.cell(0, '1')
  expect(cell?.text).toBe(`${'y'.repeat(10_000)}…`)
  expect(cell?.title).toContain('5,000,000 characters')
  expect(cell?.copyText).toBe(long)
})
