import { describe, expect, it } from 'vitest'
import type { Metrics } from '@/lib/iceberg/manifest/manifest'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { NestedField, Value } from '@/lib/iceberg/schema/types'
import { EMPTY_METRICS } from '@/testing/iceberg/sample-data-file'
import { ColumnSums, MAX_MEASURED_FILES } from './column-sums'

const ID: NestedField = { id: 1, name: 'id', required: false, type: 'long' }
const NAME: NestedField = { id: 2, name: 'name', required: false, type: 'string' }
const PLACE: NestedField = { id: 3, name: 'place', required: false, type: { type: 'struct', fields: [] } }

type Measured = { nulls: number; lower?: Value; upper?: Value }

/** A file of ten rows. */
function file(columns: Readonly<Record<number, Measured>>) {
  const types: Readonly<Record<number, 'long' | 'string'>> = { 1: 'long', 2: 'string' }
  const bounds = (of: 'lower' | 'upper') =>
    new Map(
      Object.entries(columns).flatMap(([id, column]) => {
        const value = column[of]
        return value === undefined ? [] : [[Number(id), encodeSingleValue(types[Number(id)]!, value)] as const]
      }),
    )
  const metrics: Metrics = {
    ...EMPTY_METRICS,
    nullValueCounts: new Map(Object.entries(columns).map(([id, { nulls }]) => [Number(id), nulls])),
    lowerBounds: bounds('lower'),
    upperBounds: bounds('upper'),
  }
  return { recordCount: 10, metrics }
}

function sum(files: readonly ReturnType<typeof file>[], fields: readonly NestedField[] = [ID]) {
  const sums = new ColumnSums(fields)
  for (const one of files) sums.add(one)
  return sums.toList()
}

describe('The metrics of a column over all files', () => {
  it('are its share of nulls and its outermost bounds, exact', () => {
    const files = [
      file({ 1: { nulls: 1, lower: 7n, upper: 9_007_199_254_740_993n } }),
      file({ 1: { nulls: 4, lower: -2n, upper: 9_007_199_254_740_992n } }),
    ]
    expect(sum(files)).toEqual([{ fieldId: 1, nullShare: 0.25, lowerBound: '-2', upperBound: '9007199254740993' }])
  })

  it('do not need the bounds of files in which all values are null', () => {
    const files = [file({ 2: { nulls: 10 } }), file({ 2: { nulls: 0, lower: 'ABE', upper: 'YUM' } })]
    expect(sum(files, [NAME])).toEqual([{ fieldId: 2, nullShare: 0.5, lowerBound: 'ABE', upperBound: 'YUM' }])
  })

  it('are unknown if one file does not say, such as one from before the column', () => {
    const files = [
      file({ 1: { nulls: 0, lower: 1n, upper: 2n } }),
      file({}),
      file({ 1: { nulls: 0, lower: 1n, upper: 2n } }),
    ]
    expect(sum(files)).toEqual([{ fieldId: 1, nullShare: null, lowerBound: null, upperBound: null }])
  })

  it('are unknown for nested columns, without files, and with too many files', () => {
    const known = file({ 1: { nulls: 0, lower: 1n, upper: 2n } })
    const unknown = { nullShare: null, lowerBound: null, upperBound: null }
    expect(sum([known], [PLACE])).toEqual([{ fieldId: 3, ...unknown }])
    expect(sum([])).toEqual([{ fieldId: 1, ...unknown }])
    expect(sum(Array.from({ length: MAX_MEASURED_FILES + 1 }, () => known))).toEqual([{ fieldId: 1, ...unknown }])
  })
})
