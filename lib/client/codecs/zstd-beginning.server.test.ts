import zlib from 'node:zlib'
import { beforeAll, expect, it } from 'vitest'
import { compileCodec } from '@/testing/parquet/codec-modules'
import { decompressBeginning } from './zstd-beginning'

let module: WebAssembly.Module
beforeAll(async () => {
  module = await compileCodec('zstd.wasm')
})

const TEXT = Uint8Array.from({ length: 900_000 }, (_, i) => (((Math.imul(i, 2654435761) >>> 13) ^ i) & 31) + 97)

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

it('A whole file is decompressed exactly, also of several frames and in small pieces', async () => {
  const stored = Buffer.concat([zlib.zstdCompressSync(TEXT), zlib.zstdCompressSync(TEXT.subarray(0, 5))])
  for (const size of [1_000, stored.length]) {
    const { bytes, isWhole } = await decompressBeginning(module, inPieces(stored, size), 2_000_000)
    expect(isWhole).toBe(true)
    expect(Buffer.compare(bytes, Buffer.concat([TEXT, TEXT.subarray(0, 5)]))).toBe(0)
  }
})

it('Of a large file only the pieces are read that the beginning needs', async () => {
  let readBytes = 0
  const stored = zlib.zstdCompressSync(TEXT)
  async function* counted() {
    for await (const piece of inPieces(stored, 1_000)) {
      readBytes += piece.length
      yield piece
    }
  }
  const { bytes, isWhole } = await decompressBeginning(module, counted(), 200_000)
  expect([bytes.length, isWhole]).toEqual([200_000, false])
  expect(Buffer.compare(bytes, TEXT.subarray(0, 200_000))).toBe(0)
  expect(readBytes).toBeLessThan(stored.length * 0.6)
})

it.each([
  ['cut off', (stored: Uint8Array) => stored.subarray(0, stored.length - 9), 'end in the middle of a frame'],
  [
    'damaged',
    (stored: Uint8Array) => stored.map((byte, i) => (i === stored.length - 1 ? byte ^ 255 : byte)),
    'zstd reports the error 22', // The checksum differs.
  ],
])('A file that is %s is refused', async (_, damage, message) => {
  const stored = damage(zlib.zstdCompressSync(TEXT, { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } }))
  await expect(decompressBeginning(module, inPieces(stored, 10_000), 2_000_000)).rejects.toThrow(message)
})
