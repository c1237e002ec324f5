import { decodeLz4Block } from '@/lib/parquet/lz4'

const MAGIC = 0x184d2204
const END_MARK = 0
const UNCOMPRESSED = 0x8000_0000

/**
 * Decompresses one frame of LZ4. Its checksums are not compared: writers of Arrow leave them out.
 *
 * Spec: lz4, *lz4_Frame_format.md*.
 *
 * @param plainBytes the length of the result
 * @throws {RangeError | DamagedParquet} for bytes that are not such a frame, or have another length
 */
export function decompressLz4Frame(bytes: Uint8Array, plainBytes: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== MAGIC) throw new RangeError('no frame of LZ4')
  const flags = view.getUint8(4)
  if (flags >> 6 !== 1) throw new RangeError('another version of LZ4')
  const hasBlockChecksums = (flags & 0x10) !== 0
  // The descriptor: flags, block size, the length of the content, the id of a dictionary, and its checksum.
  let at = 4 + 2 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0) + 1
  const plain = new Uint8Array(plainBytes)
  let end = 0
  for (let size = view.getUint32(at, true); size !== END_MARK; size = view.getUint32(at, true)) {
    const isStored = size >= UNCOMPRESSED
    const storedBytes = isStored ? size - UNCOMPRESSED : size
    at += 4
    if (storedBytes > bytes.length - at) throw new RangeError('a block of LZ4 is cut off')
    const block = bytes.subarray(at, at + storedBytes)
    if (isStored) {
      plain.set(block, end)
      end += block.length
    } else end = decodeLz4Block(block, plain, end)
    at += storedBytes + (hasBlockChecksums ? 4 : 0)
  }
  if (end !== plainBytes) throw new RangeError(`a frame of LZ4 has ${end} bytes, not ${plainBytes}`)
  return plain
}
