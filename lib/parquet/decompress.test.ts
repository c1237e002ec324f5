import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { DamagedParquet, UnsupportedParquet } from './errors'
import { decompress } from './decompress'

const TEXT = new TextEncoder().encode('the lake, the lake, the lake, the shore '.repeat(50))
const ENDS_IN_MARK = Uint8Array.from([...TEXT, 0xa5])
const ENDS_IN_ZERO = Uint8Array.from([...TEXT, 0])

const COMPRESSED = {
  gzip: (bytes: Uint8Array) => zlib.gzipSync(bytes),
  zstd: (bytes: Uint8Array) => zlib.zstdCompressSync(bytes),
  brotli: (bytes: Uint8Array) => zlib.brotliCompressSync(bytes),
} as const

describe.each(['gzip', 'zstd', 'brotli'] as const)('%s', (codec) => {
  const compress = COMPRESSED[codec]

  test.each([
    ['text', TEXT],
    ['data that ends in the byte of the length check', ENDS_IN_MARK],
    ['data that ends in zero', ENDS_IN_ZERO],
    ['zeros', new Uint8Array(500)],
  ])('decompresses %s', (_, bytes) => {
    expect([...decompress(codec, new Uint8Array(compress(bytes)), bytes.length)]).toEqual([...bytes])
  })

  test('a stream with fewer bytes than the page claims is an error, not padded with zeros', () => {
    const page = new Uint8Array(compress(TEXT))
    expect(() => decompress(codec, page, TEXT.length + 100)).toThrow(DamagedParquet)
  })

  test.each([1, 7, TEXT.length - 1, TEXT.length / 2])(
    'a stream with more than the %d bytes it claims is an error',
    (claimed) => {
      const page = new Uint8Array(compress(TEXT))
      expect(() => decompress(codec, page, claimed)).toThrow(DamagedParquet)
    },
  )

  test('a small stream that expands enormously is stopped early', () => {
    const page = new Uint8Array(compress(new Uint8Array(64 * 1024 * 1024)))
    const original = process.memoryUsage().arrayBuffers
    expect(() => decompress(codec, page, 1000)).toThrow(DamagedParquet)
    expect(process.memoryUsage().arrayBuffers - original).toBeLessThan(48 * 1024 * 1024)
  })

  test('a stream of several blocks, longer than its window, is decompressed completely', () => {
    const longText = Uint8Array.from({ length: 600_000 }, (_, i) => (i * i) >> 7)
    expect(decompress(codec, new Uint8Array(compress(longText)), longText.length)).toEqual(longText)
    expect(globalThis.Uint8Array.name).toBe('Uint8Array')
  })

  test('a truncated stream or one of another format is an error', () => {
    const truncated = new Uint8Array(compress(TEXT)).subarray(0, 20)
    expect(() => decompress(codec, truncated, TEXT.length)).toThrow(DamagedParquet)
    expect(() => decompress(codec, TEXT, TEXT.length)).toThrow(DamagedParquet)
  })
})

test('uncompressed bytes must have the length they claim', () => {
  expect(decompress('uncompressed', TEXT, TEXT.length)).toBe(TEXT)
  expect(() => decompress('uncompressed', TEXT, 3)).toThrow(DamagedParquet)
})

test('LZO is refused as unsupported', () => {
  expect(() => decompress('lzo', TEXT, 3)).toThrow(UnsupportedParquet)
})
