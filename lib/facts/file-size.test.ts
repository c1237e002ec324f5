import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { bucketStartBytes, sizeAtShare, toSizeBucket } from './file-size'

it('Buckets are half powers of two', () => {
  expect([1, 2, 1024 ** 2, 2 * 1024 ** 2, 1.5 * 1024 ** 2].map(toSizeBucket)).toEqual([0, 2, 40, 42, 41])
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (bytes) => {
      const bucket = toSizeBucket(bytes)
      expect(bucketStartBytes(bucket)).toBeLessThanOrEqual(bytes * (1 + 1e-9))
      expect(bucketStartBytes(bucket + 1)).toBeGreaterThan(bytes * (1 - 1e-9))
    }),
  )
})

it('The size at a share of the files is within half a power of two of that of the sorted files', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 2 ** 40 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(sizes, fc.constantFrom(0.1, 0.5, 0.9), (list, share) => {
      const counts = list.map((bytes) => ({ bucket: toSizeBucket(bytes), files: 1 }))
      const sorted = list.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(0, Math.ceil(share * list.length) - 1)] ?? 0
      const found = sizeAtShare(counts, share) ?? 0
      expect(Math.abs(Math.log2(found) - Math.log2(exact))).toBeLessThanOrEqual(0.5 + 0.5)
    }),
  )
  expect(sizeAtShare([], 0.5)).toBeNull()
})
