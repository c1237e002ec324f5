import { describe, expect, test } from 'vitest'
import type { PartitionColumn } from '../partitioning/partition-spec'
import { parseTransform } from '../partitioning/transform'
import { encodeSingleValue } from '../schema/single-value'
import type { PrimitiveType, Value } from '../schema/types'
import type { FieldSummary } from './manifest'
import { mightHoldPartition } from './might-hold-partition'

const column = (type: PrimitiveType, transform = 'identity'): PartitionColumn => ({
  fieldId: 1000,
  name: 'p',
  sourceName: 'c',
  sourceType: type,
  type,
  transform: parseTransform(transform),
})
const summary = (lower: number | null, upper: number | null, more: Partial<FieldSummary> = {}): FieldSummary => ({
  containsNull: false,
  containsNan: false,
  lowerBound: lower === null ? null : encodeSingleValue('int', lower),
  upperBound: upper === null ? null : encodeSingleValue('int', upper),
  ...more,
})
const mightHold = (one: FieldSummary, value: Value | null, of = column('int')) =>
  mightHoldPartition({ partitions: [one] }, [of], [value])

describe('mightHoldPartition', () => {
  test('A manifest might list files of partitions within its bounds, both included', () => {
    expect([2, 3, 5, 7, 8].map((value) => mightHold(summary(3, 7), value))).toEqual([false, true, true, true, false])
  })

  test('A manifest without bounds, or without a summary of each column, might list any files', () => {
    expect(mightHold(summary(null, null), 5)).toBe(true)
    expect(mightHold(summary(3, null), 1)).toBe(true)
    expect(mightHoldPartition({ partitions: [] }, [column('int')], [5])).toBe(true)
  })

  test('The bounds of a transform that Lakeshore does not know say nothing', () => {
    expect(mightHold(summary(3, 7), 9, column('int', 'geohash[4]'))).toBe(true)
    expect(mightHold(summary(3, 7), 9, column('unknown'))).toBe(true)
  })

  test('Files of null are where a summary has null, and those of NaN where it does not exclude them', () => {
    expect(mightHold(summary(3, 7), null)).toBe(false)
    expect(mightHold(summary(3, 7, { containsNull: true }), null)).toBe(true)
    expect(mightHold(summary(3, 7), Number.NaN)).toBe(false)
    expect(mightHold(summary(3, 7, { containsNan: null }), Number.NaN)).toBe(true)
  })

  test('Bounds that contradict each other, or that cannot be read, exclude no value', () => {
    expect(mightHold(summary(7, 3), 5)).toBe(true)
    expect(mightHold(summary(3, 7, { upperBound: Uint8Array.of(4) }), 9)).toBe(true)
    const nan = encodeSingleValue('float', Number.NaN)
    const floats = summary(null, null, { lowerBound: nan, upperBound: nan })
    expect([1, Number.NaN].map((value) => mightHold(floats, value, column('float')))).toEqual([true, true])
  })

  test('Zeros of both signs are within the bounds of either, and UUIDs within those of either order', () => {
    const zero = encodeSingleValue('double', 0)
    expect(mightHold(summary(null, null, { lowerBound: zero, upperBound: zero }), -0, column('double'))).toBe(true)
    const [first, last] = ['80000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001']
    const uuids = summary(null, null, {
      lowerBound: encodeSingleValue('uuid', first),
      upperBound: encodeSingleValue('uuid', last),
    })
    expect(mightHold(uuids, 'ffffffff-0000-4000-8000-000000000001', column('uuid'))).toBe(true)
    expect(mightHold({ ...uuids, upperBound: uuids.lowerBound }, last, column('uuid'))).toBe(false)
  })
})
