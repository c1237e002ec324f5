import { describe, expect, it } from 'vitest'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { createPartitionOverlap } from './partition-overlap'

const TYPES: Readonly<Record<number, PrimitiveType>> = { 1: 'long', 2: 'string', 3: 'date', 4: 'double' }
const field = (sourceId: number, transform: string) => ({
  sourceId,
  transform,
  fieldId: 1000 + sourceId,
  name: `f${sourceId}_${transform}`,
})
const spec = (specId: number, ...fields: readonly [number, string][]): PartitionSpec => ({
  specId,
  fields: fields.map(([sourceId, transform]) => field(sourceId, transform)),
})
const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: Object.entries(TYPES).map(([id, type]) => ({ id: Number(id), name: `c${id}`, required: false, type })),
}

/** Whether a file of a spec might have rows of the partitions of spec 1. */
function judge(
  own: PartitionSpec,
  partitions: readonly (readonly (Value | null)[])[],
  other: PartitionSpec,
  file: Partial<DataFile> & { range?: Readonly<Record<number, readonly [Value, Value, nulls?: number]>> },
  sourceIds?: ReadonlySet<number>,
): boolean {
  const { range = {}, ...more } = file
  const bounds = (side: 0 | 1) =>
    new Map(
      Object.entries(range).map(([id, values]) => [
        Number(id),
        encodeSingleValue(TYPES[Number(id)] ?? 'long', values[side]),
      ]),
    )
  const base = sampleDataFile('mem:file')
  const overlaps = createPartitionOverlap(
    { partitionSpecs: [own, other], schemas: [SCHEMA] },
    own,
    partitions,
    sourceIds ? { sourceIds } : {},
  )
  return overlaps({
    ...base,
    specId: other.specId,
    partition: [],
    recordCount: 10,
    ...more,
    metrics: {
      ...base.metrics,
      valueCounts: new Map(Object.keys(range).map((id) => [Number(id), 10])),
      nullValueCounts: new Map(Object.entries(range).map(([id, [, , nulls = 0]]) => [Number(id), nulls])),
      lowerBounds: bounds(0),
      upperBounds: bounds(1),
    },
  })
}

const MONTH = spec(1, [3, 'month'])
const NONE = spec(2)

describe('A file of another spec might have rows of partitions', () => {
  it('unless its own value of a shared field is another one', () => {
    const own = spec(1, [3, 'month'], [1, 'bucket[4]'])
    const other = spec(2, [1, 'bucket[4]'], [2, 'identity'])
    const judgeBucket = (bucket: number | null) => judge(own, [[5, 2]], other, { partition: [bucket, 'x'] })
    expect([2, 3, null].map(judgeBucket)).toEqual([true, false, false])
  })

  it('unless the bounds of the source are outside, by the transform', () => {
    // Days of January and February 1970.
    const within = (from: number, to: number) => judge(MONTH, [[1]], NONE, { range: { 3: [from, to] } })
    expect([within(0, 30), within(0, 31), within(58, 70), within(59, 70)]).toEqual([false, true, true, false])
  })

  it('if the bounds of the source contradict each other', () => {
    expect(judge(MONTH, [[5]], NONE, { range: { 3: [200, 100] } })).toBe(true)
  })

  it('if no bounds are known', () => {
    expect(judge(MONTH, [[1]], NONE, {})).toBe(true)
  })

  it('of a null partition only with nulls', () => {
    const withNulls = (nulls: number) => judge(MONTH, [[null]], NONE, { range: { 3: [0, 30, nulls] } })
    expect([0, 1].map(withNulls)).toEqual([false, true])
  })

  it('whatever bounds say about buckets', () => {
    expect(judge(spec(1, [1, 'bucket[4]']), [[2]], NONE, { range: { 1: [1n, 1n] } })).toBe(true)
  })

  it('only if one partition matches in all fields', () => {
    const own = spec(1, [3, 'month'], [2, 'identity'])
    const other = spec(2, [2, 'identity'])
    const inCity = (city: string) =>
      judge(
        own,
        [
          [0, 'a'],
          [1, 'b'],
        ],
        other,
        { partition: [city], range: { 3: [0, 5] } },
      )
    expect([inCity('a'), inCity('b'), inCity('c')]).toEqual([true, false, false])
  })

  it('by texts with truncated upper bounds', () => {
    const upTo = (upper: string) => judge(spec(1, [2, 'identity']), [['abc']], NONE, { range: { 2: ['a', upper] } })
    expect([upTo('ab'), upTo('abd'), upTo('aa')]).toEqual([true, true, false])
  })

  it('by chosen source columns only', () => {
    const own = spec(1, [2, 'identity'], [1, 'identity'])
    const other = spec(2, [2, 'identity'], [1, 'identity'])
    const onlyKey = (partition: readonly Value[]) => judge(own, [['a', 7n]], other, { partition }, new Set([1]))
    expect([onlyKey(['b', 7n]), onlyKey(['a', 8n])]).toEqual([true, false])
  })

  it('never if there are none', () => {
    expect(judge(MONTH, [], NONE, {})).toBe(false)
  })
})
