import { expect, it } from 'vitest'
import { crc32 } from '@/lib/parquet/crc32'
import { positionRanges } from './position-ranges'

/** Portable 64-bit bitmaps as CRoaring (pyroaring 1.2.0) writes them. */
const FEW = 'AQAAAAAAAAAAAAAAOjAAAAEAAAAAAAMAEAAAAAAAAQAFAP8P'
const ONE_RUN = 'AQAAAAAAAAAAAAAAOzAAAAEAAH0TAQAKAH0T'
const BEYOND_32_BITS =
  'AwAAAAAAAAAAAAAAOjAAAAEAAAAAAAEAEAAAAAEAAgABAAAAOjAAAAEAAAAAAAAAEAAAAAcAAgAAADowAAABAAAAAAAAABAAAAAAAA=='

/** A blob with the bitmap: length and checksum are big-endian. */
function frame(base64: string): Uint8Array {
  const bitmap = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  const blob = new Uint8Array(bitmap.length + 12)
  const view = new DataView(blob.buffer)
  view.setUint32(0, bitmap.length + 4)
  view.setUint32(4, 0xd1d33964)
  blob.set(bitmap, 8)
  view.setUint32(blob.length - 4, crc32(blob.subarray(4, -4)))
  return blob
}

it('joins neighbouring positions of a deletion vector', () => {
  expect(positionRanges(frame(FEW))).toMatchObject({
    count: 4,
    isTruncated: false,
    ranges: [
      { first: 0, last: 1 },
      { first: 5, last: 5 },
      { first: 4095, last: 4095 },
    ],
  })
  expect(positionRanges(frame(ONE_RUN))).toMatchObject({ count: 4990, ranges: [{ first: 10, last: 4999 }] })
})

it('lists positions beyond 32 bits exactly', () => {
  expect(positionRanges(frame(BEYOND_32_BITS)).ranges).toEqual([
    { first: 1, last: 2 },
    { first: 2 ** 32 + 7, last: 2 ** 32 + 7 },
    { first: 2 ** 33, last: 2 ** 33 },
  ])
})

it('counts positions that it does not list', () => {
  expect(positionRanges(frame(FEW), 1)).toMatchObject({ count: 4, isTruncated: true, ranges: [{ first: 0, last: 1 }] })
})

it('refuses a blob whose checksum is wrong', () => {
  const blob = frame(FEW)
  blob[blob.length - 1]! ^= 1
  expect(() => positionRanges(blob)).toThrow('do not match its checksum')
})
