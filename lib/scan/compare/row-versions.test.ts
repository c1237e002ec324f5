import { describe, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-value'
import { compareRowVersions, type RowVersion } from './row-versions'

const FIELDS: NestedField[] = [
  { id: 1, name: 'id', required: true, type: 'long' },
  {
    id: 2,
    name: 'place',
    required: false,
    type: { type: 'struct', fields: [{ id: 3, name: 'depth', required: false, type: 'double' }] },
  },
]
const row = (id: bigint, place: RowValue | null): RowVersion =>
  new Map<number, RowValue | null>([
    [1, id],
    [2, place],
  ])
const summary = (before: RowVersion[], after: RowVersion[]) =>
  compareRowVersions(FIELDS, before, after).map(({ kind, changed }) => [
    kind,
    ...changed.map(({ path }) => path.join('.')),
  ])

describe('The versions of a row', () => {
  it('are the same for equal values, NaN included', () => {
    expect(summary([row(1n, [Number.NaN])], [row(1n, [Number.NaN])])).toEqual([])
    expect(summary([], [])).toEqual([])
  })

  it('name the columns that changed, also within structs', () => {
    expect(summary([row(1n, [1.5])], [row(1n, [2.5])])).toEqual([['changed', 'place.depth']])
    expect(summary([row(1n, [null])], [row(1n, null)])).toEqual([['changed', 'place.depth']])
  })

  it('are in or out when a side has no such row', () => {
    expect(summary([], [row(1n, [1.5])])).toEqual([['in']])
    expect(summary([row(1n, [1.5])], [])).toEqual([['out']])
  })

  it('are not guessed when several rows differ', () => {
    expect(summary([row(1n, [1]), row(1n, [2])], [row(1n, [2]), row(1n, [3])])).toEqual([['changed', 'place.depth']])
    expect(summary([row(1n, [1]), row(1n, [2])], [row(1n, [3]), row(1n, [4])])).toEqual([
      ['out'],
      ['out'],
      ['in'],
      ['in'],
    ])
  })
})
