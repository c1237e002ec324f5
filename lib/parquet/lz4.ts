import { DamagedParquet } from './errors'

/**
 * LZ4 blocks, for the codecs LZ4_RAW (one block) and LZ4 (Hadoop's blocks, or one block without a header from some
 * writers).
 *
 * Spec: lz4, *lz4_Block_format.md*; parquet-format, *Compression.md*.
 */
export function decompressLz4Raw(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length)
  const end = decodeLz4Block(input, output, 0)
  if (end !== length) throw new DamagedParquet(`an LZ4 page decompresses to ${end} bytes but claims ${length}`)
  return output
}

/** @throws {DamagedParquet} if the bytes are neither Hadoop's blocks nor one block without a header */
export function decompressLz4(input: Uint8Array, length: number): Uint8Array {
  try {
    const blocks = decodeHadoopBlocks(input, length)
    if (blocks !== null) return blocks
  } catch (error) {
    if (!(error instanceof DamagedParquet)) throw error
    // The first bytes of a block without a header may look like one.
    return decompressLz4Raw(input, length)
  }
  return decompressLz4Raw(input, length)
}

/**
 * Decodes Hadoop's blocks: each is its uncompressed length, then chunks until it is complete, each after its compressed
 * length. A page without bytes is one block of length zero, which has no chunk. Lengths are big-endian.
 *
 * Source: Hadoop, *BlockCompressorStream* and *BlockDecompressorStream*.
 *
 * @returns null if the lengths are not those of such blocks
 */
function decodeHadoopBlocks(input: Uint8Array, length: number): Uint8Array | null {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const output = new Uint8Array(length)
  let readOffset = 0
  let writeOffset = 0
  const readUint32 = (): number | null => {
    if (input.length - readOffset < 4) return null
    readOffset += 4
    return view.getUint32(readOffset - 4)
  }
  while (readOffset < input.length) {
    const plainBytes = readUint32()
    if (plainBytes === null || plainBytes > length - writeOffset) return null
    const block = output.subarray(0, writeOffset + plainBytes)
    while (writeOffset < block.length) {
      const storedBytes = readUint32()
      if (storedBytes === null || storedBytes === 0 || storedBytes > input.length - readOffset) return null
      writeOffset = decodeLz4Block(input.subarray(readOffset, readOffset + storedBytes), block, writeOffset)
      readOffset += storedBytes
    }
  }
  return writeOffset === length ? output : null
}

/** Decodes one block into `output` from `start`, whose matches may reach back before it; returns where its output ends. */
export function decodeLz4Block(input: Uint8Array, output: Uint8Array, start: number): number {
  let readOffset = 0
  let writeOffset = start
  const readLength = (nibble: number): number => {
    if (nibble < 15) return nibble
    let length = 15
    for (;;) {
      const byte = input[readOffset++]
      if (byte === undefined) throw new DamagedParquet('an LZ4 page is truncated')
      length += byte
      if (byte < 255) return length
    }
  }
  while (readOffset < input.length) {
    const token = input[readOffset++] ?? 0
    const literalCount = readLength(token >> 4)
    if (literalCount > input.length - readOffset || literalCount > output.length - writeOffset) throw outOfBoundsError()
    output.set(input.subarray(readOffset, readOffset + literalCount), writeOffset)
    readOffset += literalCount
    writeOffset += literalCount
    if (readOffset === input.length) break
    if (readOffset + 2 > input.length) throw new DamagedParquet('an LZ4 page is truncated')
    const offset = (input[readOffset] ?? 0) | ((input[readOffset + 1] ?? 0) << 8)
    readOffset += 2
    const matchLength = readLength(token & 15) + 4
    if (offset === 0 || offset > writeOffset || matchLength > output.length - writeOffset) throw outOfBoundsError()
    // Byte by byte, because a match may overlap its own output.
    for (let from = writeOffset - offset, end = writeOffset + matchLength; writeOffset < end; )
      output[writeOffset++] = output[from++] ?? 0
  }
  return writeOffset
}

function outOfBoundsError(): DamagedParquet {
  return new DamagedParquet('an LZ4 page reaches beyond its bytes')
}
