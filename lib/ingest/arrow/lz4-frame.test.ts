import fc from 'fast-check'
import { compressFrameSync } from 'lz4-napi'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { decompressLz4Frame } from './lz4-frame'

describe('A frame of LZ4', () => {
  test('is decompressed, whatever checksums it has and however many blocks', () => {
    const large = Buffer.from(Array.from({ length: 100_000 }, (_, i) => `row ${i % 977} `).join(''))
    for (const plain of [Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(1_000_000, 'abc'), large])
      for (const contentChecksum of [true, false])
        for (const blockChecksums of [true, false]) {
          const frame = compressFrameSync(plain, { contentChecksum, blockChecksums })
          expect(Buffer.from(decompressLz4Frame(frame, plain.length)).equals(plain)).toBe(true)
        }
  })

  test('of another length than it claims, or damaged, is refused or decompressed to that length', () => {
    const plain = Buffer.alloc(5000, 'abcdefg')
    const frame = compressFrameSync(plain)
    for (const length of [plain.length - 1, plain.length + 1])
      expect(() => decompressLz4Frame(frame, length)).toThrow(/LZ4|bounds/)
    for (let end = 0; end < frame.length - 4; end += 1)
      expect(() => decompressLz4Frame(frame.subarray(0, end), plain.length)).toThrow(/LZ4|bounds/)
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(frame)
        damaged[at] = byte
        try {
          return decompressLz4Frame(damaged, plain.length).length === plain.length
        } catch (error) {
          return error instanceof RangeError || (error instanceof Error && error.name === 'DamagedParquet')
        }
      }),
      propertyRuns(1000),
    )
  })
})
