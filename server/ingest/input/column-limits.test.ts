import { expect, it } from 'vitest'
import { limitsForColumns } from './column-limits'

const LIMITS = { memoryMiB: 256, threads: 1, tempMiB: 512 }

it.each([
  [10, LIMITS],
  [500, { ...LIMITS, memoryMiB: 625 }],
  [2_000, { ...LIMITS, memoryMiB: 2_500, hasManyColumns: true }],
])('A table of %i columns is read within limits that it needs', (columnCount, limits) => {
  expect(limitsForColumns(LIMITS, columnCount)).toEqual(limits)
})
