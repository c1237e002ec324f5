const C1 = 0xcc9e2d51
const C2 = 0x1b873593

/**
 * The 32-bit Murmur3 hash, x86 variant, as a signed 32-bit integer.
 *
 * Spec: Iceberg table spec, appendix B, *32-bit Hash Requirements* (where the seed is 0).
 */
export function murmur3(bytes: Uint8Array, seed = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wholeBlocks = bytes.length & ~3
  let hash = seed
  for (let index = 0; index < wholeBlocks; index += 4) {
    hash ^= mixBlock(view.getUint32(index, true))
    hash = (Math.imul(rotateLeft(hash, 13), 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let index = bytes.length - 1; index >= wholeBlocks; index -= 1) tail = (tail << 8) | view.getUint8(index)
  if (wholeBlocks < bytes.length) hash ^= mixBlock(tail)
  return finalizeHash(hash ^ bytes.length)
}

function mixBlock(block: number): number {
  return Math.imul(rotateLeft(Math.imul(block, C1), 15), C2)
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function finalizeHash(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) | 0
}
