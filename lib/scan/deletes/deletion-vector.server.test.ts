import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { DamagedDeletionVector, readDeletionVector } from './deletion-vector'

/** Portable 64-bit bitmaps as CRoaring (pyroaring 1.2.0) writes them. */
const NONE = 'AAAAAAAAAAA='
const FEW = 'AQAAAAAAAAAAAAAAOjAAAAEAAAAAAAMAEAAAAAAAAQAFAP8P'
const ONE_RUN = 'AQAAAAAAAAAAAAAAOzAAAAEAAH0TAQAKAH0T'
const RUNS_IN_FIVE_CONTAINERS =
  'AQAAAAAAAAAAAAAAOzAEAB8AAIADAQCAAwIAgAMDAIADBACAAy0AAAAzAAAAOQAAAD8AAABFAAAAAQADAIADAQADAIADAQADAIADAQADAIADAQADAIAD'
const BEYOND_32_BITS =
  'AwAAAAAAAAAAAAAAOjAAAAEAAAAAAAEAEAAAAAEAAgABAAAAOjAAAAEAAAAAAAAAEAAAAAcAAgAAADowAAABAAAAAAAAABAAAAAAAA=='

/** A blob with the bitmap, whose checksum is made by zlib. */
function frame(bitmap: Uint8Array): Uint8Array {
  const blob = Buffer.alloc(bitmap.length + 12)
  blob.writeUInt32BE(bitmap.length + 4, 0)
  blob.writeUInt32BE(0xd1d33964, 4)
  blob.set(bitmap, 8)
  blob.writeUInt32BE(crc32(blob.subarray(4, -4)), blob.length - 4)
  return blob
}

const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
const deletedIn = (blob: Uint8Array, rowCount: number) => {
  const deleted = readDeletionVector(blob, rowCount)
  return Array.from({ length: rowCount }, (_, position) => position).filter((position) => deleted.has(position))
}

function failureOf(work: () => unknown): unknown {
  try {
    work()
    return null
  } catch (error) {
    return error
  }
}

describe('A deletion vector', () => {
  test('may delete nothing', () => {
    expect(readDeletionVector(frame(fromBase64(NONE)), 10).count).toBe(0)
  })

  test('lists positions', () => {
    expect(deletedIn(frame(fromBase64(FEW)), 5000)).toEqual([0, 1, 5, 4095])
  })

  test('holds runs, in few containers and in many', () => {
    expect(deletedIn(frame(fromBase64(ONE_RUN)), 6000)).toEqual(Array.from({ length: 4990 }, (_, i) => i + 10))
    const runs = readDeletionVector(frame(fromBase64(RUNS_IN_FIVE_CONTAINERS)), 400_000)
    expect(runs.count).toBe(4485)
    for (let container = 0; container < 5; container++) {
      const start = container * 65_536
      expect(runs.countIn(start, start + 65_536)).toBe(897)
      expect([runs.has(start + 2), runs.has(start + 3), runs.has(start + 899), runs.has(start + 900)]).toEqual([
        false,
        true,
        true,
        false,
      ])
    }
  })

  test('may name positions beyond 32 bits, where a file of fewer rows has none', () => {
    expect(deletedIn(frame(fromBase64(BEYOND_32_BITS)), 10)).toEqual([1, 2])
  })

  test('holds dense containers as bits', () => {
    // RoaringFormatSpec: no runs, one container of key 0 with 8,192 values, its offset, then a bit per value.
    const header = Buffer.from('010000000000000000000000', 'hex')
    const container = Buffer.alloc(16)
    container.writeUInt32LE(12_346, 0)
    container.writeUInt32LE(1, 4)
    container.writeUInt16LE(0, 8)
    container.writeUInt16LE(32_768 - 1, 10)
    container.writeUInt32LE(16, 12)
    const everySecond = Buffer.alloc(8192, 0b0101_0101)
    const deleted = readDeletionVector(frame(Buffer.concat([header, container, everySecond])), 65_536)
    expect(deleted.count).toBe(32_768)
    expect([deleted.has(0), deleted.has(1), deleted.has(65_534), deleted.has(65_535)]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  test.each([
    ['is too short', new Uint8Array(8), 'only 8 bytes'],
    ['has another length than it claims', frame(fromBase64(FEW)).subarray(0, -1), 'claims 40 bytes but has 39'],
  ])('is refused when it %s', (_what, blob, words) => {
    expect(() => readDeletionVector(blob, 10)).toThrow(DamagedDeletionVector)
    expect(() => readDeletionVector(blob, 10)).toThrow(words)
  })

  test('is refused when it lists positions again and again, which would take long', () => {
    const uint16 = (...values: number[]) => Buffer.from(Uint16Array.from(values).buffer)
    // RoaringFormatSpec: one bitmap, its key, one container with runs, each of all 65,536 positions.
    const start = Buffer.from('0100000000000000000000003b300000', 'hex')
    const runCount = 30_000
    const everything = Array.from({ length: runCount }, () => [0, 65_535]).flat()
    const runs = Buffer.concat([start, Buffer.of(1), uint16(0, 65_535, runCount, ...everything)])
    expect(() => readDeletionVector(frame(runs), 2 ** 20)).toThrow('its positions are not in order')
    const twoContainers = Buffer.concat([
      Buffer.from('0100000000000000000000003b300100', 'hex'),
      Buffer.of(3),
      uint16(5, 65_535, 5, 65_535, 1, 0, 65_535, 1, 0, 65_535),
    ])
    expect(() => readDeletionVector(frame(twoContainers), 2 ** 20)).toThrow('its positions are not in order')
    const twoBitmaps = Buffer.concat([Buffer.from('0200000000000000', 'hex'), start.subarray(8), Buffer.of(1)])
    const container = uint16(0, 0, 1, 0, 0)
    const repeated = Buffer.concat([twoBitmaps, container, start.subarray(8), Buffer.of(1), container])
    expect(() => readDeletionVector(frame(repeated), 10)).toThrow('its positions are not in order')
  })

  test('is refused when any byte of it is changed', () => {
    const blob = frame(fromBase64(RUNS_IN_FIVE_CONTAINERS))
    for (let at = 0; at < blob.length; at++) {
      const changed = Uint8Array.from(blob, (byte, i) => (i === at ? byte ^ 0x10 : byte))
      expect(() => readDeletionVector(changed, 1000)).toThrow(DamagedDeletionVector)
    }
  })

  test('never crashes or hangs on bytes with a valid frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const failure = failureOf(() => readDeletionVector(frame(bytes), 1000))
        expect(failure === null || failure instanceof DamagedDeletionVector).toBe(true)
      }),
      propertyRuns(),
    )
  })
})
