import { expect, it } from 'vitest'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { propertySeeds } from '@/testing/property-cases'
import { createRandom } from '@/testing/seeded-random'
import { encodeSingleValue } from '../iceberg/schema/single-value'
import { BoundsTally } from './bounds-overlap'
import { decodeAtOnce } from '@/testing/iceberg/read-at-once'

type Range = { partition: number; lower: number; upper: number }

function fileOf({ partition, lower, upper }: Range) {
  const metrics = {
    ...EMPTY_METRICS,
    lowerBounds: new Map([[1, encodeSingleValue('int', lower)]]),
    upperBounds: new Map([[1, encodeSingleValue('int', upper)]]),
  }
  return sampleDataFile('a.parquet', { partition: [partition], metrics })
}

it('finds the files that overlap another one, and how many a lookup opens', () => {
  for (const seed of propertySeeds(300)) {
    const next = createRandom(seed * 31)
    const ranges = Array.from({ length: 1 + next(30) }, (): Range => {
      const lower = next(40)
      return { partition: next(3), lower, upper: lower + next(3) * next(12) }
    })
    const tally = new BoundsTally(1, 'int')
    for (const range of ranges) tally.add(fileOf(range))
    tally.add(sampleDataFile('b.parquet'))
    const found = decodeAtOnce(tally.finish())
    const overlapping = ranges.filter((one, i) =>
      ranges.some(
        (other, j) =>
          i !== j && one.partition === other.partition && one.lower < other.upper && other.lower < one.upper,
      ),
    )
    const depths = ranges.map(({ lower }) => ranges.filter((one) => one.lower <= lower && lower <= one.upper).length)
    const facts = `seed ${seed}: ${JSON.stringify(ranges)}`
    expect(found.overlappingFiles, facts).toBe(overlapping.length)
    expect(found.mostFilesPerValue, facts).toBe(Math.max(...depths))
    expect(found.averageFilesPerValue, facts).toBeCloseTo(depths.reduce((sum, one) => sum + one, 0) / depths.length)
    expect([found.comparedFiles, found.unknownFiles, found.drawn.length]).toEqual([ranges.length, 1, ranges.length])
    expect(found.partitionCount, facts).toBe(new Set(ranges.map(({ partition }) => partition)).size)
    // By partition: no file between two of another one.
    const drawnPartitions = found.drawn.map(({ partition }) => partition)
    expect(drawnPartitions, facts).toEqual(drawnPartitions.toSorted((a, b) => a - b))
    const lowest = Map.groupBy(ranges, ({ partition }) => partition)
    const starts = [...lowest.values()].map((group) => Math.min(...group.map(({ lower }) => lower)))
    const drawnStarts = found.drawn.filter(({ partition }, i) => partition !== drawnPartitions[i - 1])
    expect(
      drawnStarts.map(({ lower }) => lower),
      facts,
    ).toEqual(starts.sort((a, b) => a - b))
    for (const { from, to } of found.drawn) expect(from >= 0 && from <= to && to <= 1, facts).toBe(true)
  }
})
