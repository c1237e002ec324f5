import { expect, it } from 'vitest'
import { sampleMeasuredFile } from '@/testing/metrics/sample-measured-file'
import { countMeasuredFiles, sumPairedSizes, sumSizes } from './table-sizes'

const counted = sampleMeasuredFile({ storedBytes: 10, plainBytes: 60, codecs: {} })

it('sums known sizes', () => {
  expect(sumSizes([counted, counted], 2)).toMatchObject({
    plainBytes: 120,
    encodedBytes: 40,
    storedBytes: 20,
    unknownCount: 0,
  })
})

it('gives no sum when a file is missing, because it would be too small', () => {
  expect(sumSizes([counted], 2)).toMatchObject({ plainBytes: null, encodedBytes: null, unknownCount: 1 })
  const uncounted = sampleMeasuredFile({ storedBytes: 10, codecs: {} })
  expect(sumSizes([counted, uncounted], 2)).toMatchObject({ plainBytes: null, encodedBytes: 40 })
})

it('reports when some sizes are estimated', () => {
  const estimated = { ...counted, sizes: { ...counted.sizes, plainSource: 'estimated' as const } }
  expect(sumSizes([counted, estimated], 2).isEstimated).toBe(true)
  expect(sumSizes([counted], 1).isEstimated).toBe(false)
})

it('compares plain and stored sizes over the files whose sizes are both known', () => {
  const uncounted = sampleMeasuredFile({ storedBytes: 10, codecs: {} })
  expect(sumPairedSizes([counted, uncounted, counted])).toEqual({
    plainBytes: 120,
    encodedBytes: 40,
    storedBytes: 20,
  })
  const table = { measured: [counted, uncounted, counted], unknownCount: 2 }
  expect(countMeasuredFiles([table, table])).toEqual({ measuredCount: 4, fileCount: 10 })
})
