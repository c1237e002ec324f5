import { describe, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { createRowsInMemory } from '@/testing/iceberg/rows-in-memory'
import type { RowValue } from '../read/row-value'
import { SnapshotComparison } from './snapshot-comparison'

const field = (id: number, name: string, type: NestedField['type']): NestedField => ({
  id,
  name,
  required: false,
  type,
})
const BEFORE = [field(1, 'id', 'long'), field(2, 'status', 'string'), field(3, 'dropped', 'string')]
const AFTER = [field(1, 'id', 'long'), field(2, 'state', 'string'), field(4, 'added', 'string')]

const HASH_KEY = new Uint8Array(16)

function createComparison(before: (RowValue | null)[][], after: (RowValue | null)[][]) {
  return new SnapshotComparison(
    { fields: BEFORE, createReader: () => createRowsInMemory(BEFORE, before) },
    { fields: AFTER, createReader: () => createRowsInMemory(AFTER, after) },
  )
}

describe('The comparison of two snapshots with different schemas', () => {
  const comparison = createComparison(
    [
      [1n, 'open', 'x'],
      [2n, 'open', 'y'],
      [3n, 'open', 'z'],
    ],
    [
      [1n, 'open', 'new'],
      [2n, 'closed', 'new'],
      [4n, 'open', null],
    ],
  )

  it('has the columns of both, with the names after', () => {
    expect(comparison.columns.map(({ path, side }) => [path.join('.'), side])).toEqual([
      ['id', 'both'],
      ['state', 'both'],
      ['added', 'after'],
      ['dropped', 'before'],
    ])
  })

  it('reads no rows before it is run', async () => {
    await expect(comparison.readChanges('all', { from: 0, to: 1 })).rejects.toThrow('after the comparison')
  })

  it('compares the columns that both have, and shows the others', async () => {
    const result = await comparison.run({ keyIds: [1], comparedIds: null, hashKey: HASH_KEY })
    // A column that was added or dropped does not change a row.
    expect(result).toMatchObject({ inCount: 1, outCount: 1, changedCount: 1, sameCount: 1 })
    const rows = await comparison.readChanges('all', { from: 0, to: 10 })
    expect(rows.kinds).toEqual(['changed', 'in', 'out'])
    expect(rows.before.get('2')).toEqual(['open', undefined, 'open'])
    expect(rows.after.get('2')).toEqual(['closed', 'open', undefined])
    expect(rows.isChanged.get('2')).toEqual([true, false, false])
    expect(rows.after.get('4')).toEqual(['new', null, undefined])
    expect(rows.before.get('before 3')).toEqual(['y', undefined, 'z'])
    expect(rows.after.get('before 3')).toEqual([undefined, undefined, undefined])
  })

  it('reads rows of one kind by their position among these', async () => {
    expect((await comparison.readChanges('out', { from: 0, to: 10 })).before.get('1')).toEqual([3n])
    expect((await comparison.readChanges('in', { from: 1, to: 10 })).kinds).toEqual([])
    expect(comparison.cost()).toEqual({ bytesRead: 0, requests: 0, filesRead: 0, sizeMismatches: [] })
  })
})

describe('The comparison of some columns', () => {
  const PLACE = field(5, 'place', 'string')
  const columns = [...BEFORE.slice(0, 2), PLACE]
  const toSide = (rows: (RowValue | null)[][]) => ({
    fields: columns,
    createReader: () => createRowsInMemory(columns, rows),
  })
  const comparison = new SnapshotComparison(
    toSide([
      [1n, 'open', 'a'],
      [2n, 'open', 'b'],
    ]),
    toSide([
      [1n, 'open', 'A'],
      [2n, 'closed', 'B'],
    ]),
  )

  it('counts rows as equal whose values in these columns are, and marks no others as changed', async () => {
    const result = await comparison.run({ keyIds: [1], comparedIds: [2], hashKey: HASH_KEY })
    expect(result).toMatchObject({ inCount: 0, outCount: 0, changedCount: 1, sameCount: 1 })
    expect(result.columns.map(({ fieldId, changedCount }) => [fieldId, changedCount])).toEqual([[2, 1]])
    const { isChanged, before, after } = await comparison.readChanges('all', { from: 0, to: 10 })
    expect([isChanged.get('2'), isChanged.get('5')]).toEqual([[true], [false]])
    expect([before.get('5'), after.get('5')]).toEqual([['b'], ['B']])
  })

  it('compares rows as a multiset of these values without a key', async () => {
    const result = await comparison.run({ keyIds: [], comparedIds: [2], hashKey: HASH_KEY })
    expect(result).toMatchObject({ inCount: 1, outCount: 1, changedCount: 0, sameCount: 1 })
  })

  it('is refused for a column that is not in both snapshots, and for none', async () => {
    const refused = (comparedIds: number[]) => comparison.run({ keyIds: [1], comparedIds, hashKey: HASH_KEY })
    await expect(refused([2, 99])).rejects.toThrow('The column with the id 99 cannot be compared')
    await expect(refused([])).rejects.toThrow('No columns are chosen to compare')
  })
})
