import { describe, expect, it } from 'vitest'
import type { PartitionColumn } from '../partitioning/partition-spec'
import { parseTransform } from '../partitioning/transform'
import type { PrimitiveType, Value } from '../schema/types'
import { partitionComparator } from './compare-partitions'

const column = (type: PrimitiveType): PartitionColumn => ({
  fieldId: 1000,
  name: 'p',
  type,
  transform: parseTransform('identity'),
  sourceName: 'p',
  sourceType: type,
})
const COLUMNS = new Map([
  [0, []],
  [1, [column('long')]],
  [2, [column('string'), column('int')]],
  [3, [column('unknown')]],
])

/** Sorts partitions of one spec. */
function sort(specId: number, partitions: (Value | null)[][], isDescending = false) {
  const compare = partitionComparator(COLUMNS, isDescending)
  return partitions
    .map((partition) => ({ specId, partition }))
    .toSorted(compare)
    .map(({ partition }) => (partition.length === 1 ? partition[0] : partition))
}

describe('The order of partitions', () => {
  it('is that of numbers, also beyond 2^53', () => {
    const values = [[1_999n], [999n], [9_007_199_254_740_993n], [9_007_199_254_740_992n], [-5n]]
    const smallestFirst = [-5n, 999n, 1_999n, 9_007_199_254_740_992n, 9_007_199_254_740_993n]
    expect(sort(1, values)).toEqual(smallestFirst)
    expect(sort(1, values, true)).toEqual(smallestFirst.toReversed())
  })

  it('has null last in both directions', () => {
    expect(sort(1, [[null], [2n], [3n]])).toEqual([2n, 3n, null])
    expect(sort(1, [[null], [2n], [3n]], true)).toEqual([3n, 2n, null])
  })

  it('compares the next field of equal values', () => {
    const values = [
      ['b', 2],
      ['a', 10],
      ['a', 9],
      ['a', null],
    ]
    expect(sort(2, values)).toEqual([
      ['a', 9],
      ['a', 10],
      ['a', null],
      ['b', 2],
    ])
  })

  it('holds for values of a dropped column, which writers wrote with different types', () => {
    expect(sort(3, [[10n], [9], [11]])).toEqual([9, 10n, 11])
  })

  it('has the partitions of a spec together, and files without a partition last', () => {
    const files = [
      { specId: 0, partition: [] },
      { specId: 2, partition: ['a', 1] },
      { specId: 1, partition: [7n] },
    ]
    const specs = (isDescending: boolean) =>
      files.toSorted(partitionComparator(COLUMNS, isDescending)).map(({ specId }) => specId)
    expect(specs(false)).toEqual([1, 2, 0])
    expect(specs(true)).toEqual([2, 1, 0])
  })
})
