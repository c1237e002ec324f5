import { DamagedParquet } from './errors'

/**
 * LZ4 blocks, for the codecs LZ4_RAW (one block) and LZ4 (Hadoop's frames of blocks, or one block from some writers).
 *
 * Spec: lz4, *lz4_Block_format.md*; parquet-format, *Compression.md*.
 */
export function decompressLz4Raw(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length)
  const end = decodeBlock(input, output, 0)
  if (end !== length) throw new DamagedParquet(`an LZ4 page decompresses to ${end} bytes but claims ${length}`)
  return output
}

export function decompressLz4(input: Uint8Array, length: number): Uint8Array {
  return decodeHadoopFrames(input, length) ?? decompressLz4Raw(input, length)
}

/**
 * Null if the bytes are not Hadoop's frames: two big-endian lengths, uncompressed and compressed, before every block.
 */
function decodeHadoopFrames(input: Uint8Array, length: number): Uint8Array | null {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const frames: { start: number; end: number; plainBytes: number }[] = []
  let at = 0
  let total = 0
  while (at < input.length) {
    if (input.length - at < 8) return null
    const plainBytes = view.getUint32(at)
    const storedBytes = view.getUint32(at + 4)
    total += plainBytes
    if (storedBytes > input.length - at - 8 || total > length) return null
    frames.push({ start: at + 8, end: at + 8 + storedBytes, plainBytes })
    at += 8 + storedBytes
  }
  if (total !== length) return null
  const output = new Uint8Array(length)
  let writeOffset = 0
  for (const { start, end, plainBytes } of frames) {
    const next = decodeBlock(input.subarray(start, end), output, writeOffset)
    if (next !== writeOffset + plainBytes)
      throw new DamagedParquet('an LZ4 page decompresses to another length than its frames claim')
    writeOffset = next
  }
  return output
}

/** Decodes one block into `output` from `start`; returns where its output ends. */
function decodeBlock(input: Uint8Array, output: Uint8Array, start: number): number {
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
