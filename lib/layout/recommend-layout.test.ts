import { expect, it } from 'vitest'
import { recommendLayout } from './recommend-layout'

const MIB = 2 ** 20
const exactly = (value: number) => ({ low: value, estimate: value, high: value })
const layout = (partitions: number, medianRows: number, skew = 1) => ({
  partitions: exactly(partitions),
  medianRows: exactly(medianRows),
  skew: exactly(skew),
  smallPartitions: exactly(medianRows < 128 ? partitions : 0),
})
/** 1 MiB a row. */
const table = { rowCount: 10_000, dataBytes: 10_000 * MIB, targetBytes: 512 * MIB }

it('recommends the most partitions that fill their files and are even', () => {
  const layouts = [layout(1, 10_000), layout(12, 830), layout(365, 27), layout(20, 400, 40)]
  const { best, verdicts } = recommendLayout(layouts, table)
  expect(best).toBe(1)
  expect(verdicts.map(({ reasons }) => reasons)).toEqual([
    [],
    [],
    ['All 365 partitions hold less than a quarter of the target file size.'],
    ['Its largest partition is more than 10 times the median.'],
  ])
})

it('judges by the limits that speak against a layout when nothing points to a number', () => {
  const unknown = { low: 1, estimate: null, high: 50_000 }
  const { best, verdicts } = recommendLayout([{ ...layout(1, 10_000), partitions: unknown }], table)
  expect(best).toBeNull()
  expect(verdicts[0]?.reasons[0]).toContain('more than 10,000 partitions')
  const unknownMedian = { low: 1, estimate: null, high: 900 }
  const small = recommendLayout([{ ...layout(12, 830), medianRows: unknownMedian }], table)
  expect(small.best).toBeNull()
  expect(small.verdicts[0]?.reasons[0]).toContain('less than a quarter of the target file size')
})

it.each([
  ['All 365 partitions hold', exactly(365), exactly(365)],
  ['200 of 365 partitions hold', exactly(365), exactly(200)],
  ['1 of 2 partitions holds', exactly(2), exactly(1)],
  ['About 200 of 365 partitions hold', { ...exactly(365), high: 400 }, { ...exactly(200), low: 150 }],
  ['About 365 of 365 partitions hold', { ...exactly(365), high: 400 }, exactly(365)],
  ['Half of the partitions or more may hold', exactly(365), { low: 10, estimate: null, high: 365 }],
])('says how many partitions are small: %s', (start, partitions, smallPartitions) => {
  const { verdicts } = recommendLayout([{ ...layout(365, 27), partitions, smallPartitions }], table)
  expect(verdicts[0]?.reasons).toEqual([`${start} less than a quarter of the target file size.`])
})

it('recommends nothing for a table without rows, or with less data than fits into a file', () => {
  const layouts = [layout(1, 10)]
  expect(recommendLayout(layouts, { ...table, rowCount: 0 }).best).toBeNull()
  expect(recommendLayout(layouts, { ...table, dataBytes: MIB }).reason).toContain('one file of the target size')
})
