import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { crc32 } from './crc32'

it('returns the check value of CRC-32', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  expect(crc32(new Uint8Array())).toBe(0)
})

it('returns the checksum that zlib returns, for any bytes of any length and position', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(5), (bytes, skipped) => {
      const part = bytes.subarray(skipped)
      expect(crc32(part)).toBe(zlibCrc32(part))
    }),
    propertyRuns(),
  )
})
