import { crc32 } from 'node:zlib'

/**
 * A blob `deletion-vector-v1` of positions below 65,536, in one array container. For tests.
 *
 * Spec: Iceberg Puffin spec, *deletion-vector-v1*; RoaringFormatSpec, *General layout*.
 */
export function deletionVectorBlob(positions: readonly number[]): Uint8Array {
  const bitmapBytes = 8 + 4 + 4 + 4 + 4 + 4 + 2 * positions.length
  const blob = Buffer.alloc(4 + 4 + bitmapBytes + 4)
  blob.writeUInt32BE(4 + bitmapBytes, 0)
  blob.writeUInt32BE(0xd1d33964, 4)
  blob.writeBigUInt64LE(1n, 8)
  blob.writeUInt32LE(0, 16)
  blob.writeUInt32LE(12_346, 20)
  blob.writeUInt32LE(1, 24)
  blob.writeUInt16LE(0, 28)
  blob.writeUInt16LE(positions.length - 1, 30)
  blob.writeUInt32LE(16, 32)
  for (const [i, position] of positions.toSorted((a, b) => a - b).entries()) blob.writeUInt16LE(position, 36 + 2 * i)
  blob.writeUInt32BE(crc32(blob.subarray(4, -4)), blob.length - 4)
  return new Uint8Array(blob)
}
