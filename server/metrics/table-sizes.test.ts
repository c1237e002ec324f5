import { expect, it } from 'vitest'
import { measuredFile } from './sample-files'
import { pairedSizes, sumOf } from './table-sizes'

const known = measuredFile({ storedBytes: 10, plainBytes: 60, codecs: {} })

it('sums what is known', () => {
  expect(sumOf([known, known], 2)).toMatchObject({
    plainBytes: 120,
    encodedBytes: 40,
    storedBytes: 20,
    unknownCount: 0,
  })
})

it('has no sum where a file is missing from it, since it would be too small', () => {
  expect(sumOf([known], 2)).toMatchObject({ plainBytes: null, encodedBytes: null, unknownCount: 1 })
  const silent = measuredFile({ storedBytes: 10, codecs: {} })
  expect(sumOf([known, silent], 2)).toMatchObject({ plainBytes: null, encodedBytes: 40 })
})

it('says when some of it is estimated', () => {
  const guess = { ...known, sizes: { ...known.sizes, plainSource: 'estimated' as const } }
  expect(sumOf([known, guess], 2).isEstimated).toBe(true)
  expect(sumOf([known], 1).isEstimated).toBe(false)
})

it('takes plain against stored over the files of which both are known', () => {
  const silent = measuredFile({ storedBytes: 10, codecs: {} })
  expect(pairedSizes([known, silent, known])).toEqual({ plainBytes: 120, storedBytes: 20 })
})
