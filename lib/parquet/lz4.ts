import { DamagedParquet } from './damaged'

/**
 * LZ4 blocks, as the codecs LZ4_RAW (one block) and LZ4 (Hadoop's frames of blocks, or by some writers one block).
 *
 * Spec: lz4, *lz4_Block_format.md*; parquet-format, *Compression.md*.
 */
export function decompressLz4Raw(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length)
  const end = block(input, output, 0)
  if (end !== length) throw new DamagedParquet(`an LZ4 page yields ${end} bytes and claims ${length}`)
  return output
}

export function decompressLz4(input: Uint8Array, length: number): Uint8Array {
  return hadoopFrames(input, length) ?? decompressLz4Raw(input, length)
}

/** Null where the bytes are not Hadoop's frames: two big-endian lengths, plain and stored, before every block. */
function hadoopFrames(input: Uint8Array, length: number): Uint8Array | null {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const frames: { start: number; end: number; plain: number }[] = []
  let at = 0
  let total = 0
  while (at < input.length) {
    if (input.length - at < 8) return null
    const plain = view.getUint32(at)
    const stored = view.getUint32(at + 4)
    total += plain
    if (stored > input.length - at - 8 || total > length) return null
    frames.push({ start: at + 8, end: at + 8 + stored, plain })
    at += 8 + stored
  }
  if (total !== length) return null
  const output = new Uint8Array(length)
  let written = 0
  for (const { start, end, plain } of frames) {
    const next = block(input.subarray(start, end), output, written)
    if (next !== written + plain) throw new DamagedParquet('an LZ4 page yields another length than its frames claim')
    written = next
  }
  return output
}

/** Decodes one block into `output` from `start`; returns where it ends there. */
function block(input: Uint8Array, output: Uint8Array, start: number): number {
  let read = 0
  let write = start
  const lengthAt = (nibble: number): number => {
    if (nibble < 15) return nibble
    let length = 15
    for (;;) {
      const byte = input[read++]
      if (byte === undefined) throw new DamagedParquet('an LZ4 page ends in the middle')
      length += byte
      if (byte < 255) return length
    }
  }
  while (read < input.length) {
    const token = input[read++] ?? 0
    const literals = lengthAt(token >> 4)
    if (literals > input.length - read || literals > output.length - write) throw overrun()
    output.set(input.subarray(read, read + literals), write)
    read += literals
    write += literals
    if (read === input.length) break
    if (read + 2 > input.length) throw new DamagedParquet('an LZ4 page ends in the middle')
    const offset = (input[read] ?? 0) | ((input[read + 1] ?? 0) << 8)
    read += 2
    const matched = lengthAt(token & 15) + 4
    if (offset === 0 || offset > write || matched > output.length - write) throw overrun()
    // Byte by byte: a match may overlap what it writes.
    for (let from = write - offset, end = write + matched; write < end; ) output[write++] = output[from++] ?? 0
  }
  return write
}

function overrun(): DamagedParquet {
  return new DamagedParquet('an LZ4 page reaches beyond its bytes')
}
