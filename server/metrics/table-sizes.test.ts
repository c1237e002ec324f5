import { expect, it } from 'vitest'
import { sampleMeasuredFile } from '@/testing/metrics/sample-measured-file'
import { sumPairedSizes, sumSizes } from './table-sizes'

const counted = sampleMeasuredFile({ storedBytes: 10, plainBytes: 60, codecs: {} })

it('sums what is known', () => {
  expect(sumSizes([counted, counted], 2)).toMatchObject({
    plainBytes: 120,
    encodedBytes: 40,
    storedBytes: 20,
    unknownCount: 0,
  })
})

it('has no sum where a file is missing from it, since it would be too small', () => {
  expect(sumSizes([counted], 2)).toMatchObject({ plainBytes: null, encodedBytes: null, unknownCount: 1 })
  const uncounted = sampleMeasuredFile({ storedBytes: 10, codecs: {} })
  expect(sumSizes([counted, uncounted], 2)).toMatchObject({ plainBytes: null, encodedBytes: 40 })
})

it('says when some of it is estimated', () => {
  const estimated = { ...counted, sizes: { ...counted.sizes, plainSource: 'estimated' as const } }
  expect(sumSizes([counted, estimated], 2).isEstimated).toBe(true)
  expect(sumSizes([counted], 1).isEstimated).toBe(false)
})

it('takes plain against stored over the files of which both are known', () => {
  const uncounted = sampleMeasuredFile({ storedBytes: 10, codecs: {} })
  expect(sumPairedSizes([counted, uncounted, counted])).toEqual({ plainBytes: 120, storedBytes: 20 })
})
