import { expect, it } from 'vitest'
import { medianOf } from './median'

it.each([
  [[], null],
  [[7], 7],
  [[1, 2, 30], 2],
  [[100, 135, 138, 225], 136.5],
  [[Number.MAX_SAFE_INTEGER - 2, Number.MAX_SAFE_INTEGER], Number.MAX_SAFE_INTEGER - 1],
])('The median of %j is the value in the middle, or the mean of two: %s', (sorted, median) => {
  expect(medianOf(sorted)).toBe(median)
})
