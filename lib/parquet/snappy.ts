import { DamagedParquet } from './errors'
import { pageTooLongError, pageTooShortError } from './page-codecs'

/**
 * Decompresses one block of snappy into exactly `length` bytes.
 *
 * Spec: snappy, *format_description.txt*.
 *
 * @throws {DamagedParquet} when the block is not valid or has another length
 */
export function decompressSnappy(input: Uint8Array, length: number): Uint8Array {
  const { plainBytes, start } = readSnappyLength(input)
  if (plainBytes > length) throw pageTooLongError(length)
  if (plainBytes < length) throw pageTooShortError(length)
  const output = new Uint8Array(length)
  let at = start
  let end = 0
  while (at < input.length) {
    const tag = input[at++] ?? 0
    const kind = tag & 3
    if (kind === 0) {
      let count = tag >>> 2
      if (count >= 60) {
        const width = count - 59
        count = readLittleEndian(input, at, width)
        at += width
      }
      count++
      if (count > input.length - at || count > length - end) throw overrunError()
      copyLiterals(input, at, output, end, count)
      at += count
      end += count
      continue
    }
    const offset =
      kind === 1 ? ((tag >>> 5) << 8) | readLittleEndian(input, at, 1) : readLittleEndian(input, at, 2 * (kind - 1))
    at += kind === 1 ? 1 : 2 * (kind - 1)
    const count = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    if (offset === 0 || offset > end || count > length - end) throw overrunError()
    // Byte by byte, because a copy may overlap its own output.
    for (let from = end - offset, stop = end + count; end < stop; ) output[end++] = output[from++] ?? 0
  }
  if (end < length) throw new DamagedParquet('a snappy block ends before the length it claims')
  return output
}

/** The uncompressed length that a block claims, and where its data starts. */
export function readSnappyLength(input: Uint8Array): { plainBytes: number; start: number } {
  let plainBytes = 0
  for (let index = 0; index < Math.min(5, input.length); index++) {
    const byte = input[index] ?? 0
    plainBytes += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { plainBytes, start: index + 1 }
  }
  throw new DamagedParquet('a snappy block has no length')
}

/** Above this, the call of `set` costs less than a loop. */
const SHORT_LITERAL_BYTES = 24

function copyLiterals(input: Uint8Array, from: number, output: Uint8Array, to: number, count: number): void {
  if (count > SHORT_LITERAL_BYTES) output.set(input.subarray(from, from + count), to)
  else for (let i = 0; i < count; i++) output[to + i] = input[from + i] ?? 0
}

/** @param width 1 to 4 bytes */
function readLittleEndian(input: Uint8Array, at: number, width: number): number {
  if (width > input.length - at) throw new DamagedParquet('a snappy block is truncated')
  let value = 0
  for (let i = 0; i < width; i++) value |= (input[at + i] ?? 0) << (8 * i)
  return value >>> 0
}

function overrunError(): DamagedParquet {
  return new DamagedParquet('a snappy block reaches beyond its bytes')
}
