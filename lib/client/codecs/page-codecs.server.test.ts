import zlib from 'node:zlib'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { decompress } from '@/lib/parquet/decompress'
import { DamagedParquet } from '@/lib/parquet/errors'
import type { PageCodecs, ProvidedCodec } from '@/lib/parquet/page-codecs'
import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import { compileCodec } from '@/testing/parquet/codec-modules'
import { pageCodecs as nodeCodecs } from '@/testing/parquet/page-codecs'
import { byCases } from '@/testing/property-cases'
import { createBrowserPageCodecs } from './browser-page-codecs'

const TEXT = new TextEncoder().encode('the lake, the lake, the lake, the shore '.repeat(50))
/** Longer than a block of zstd, the window of gzip and the ring of brotli, and hardly compressible. */
const NOISE = Uint8Array.from({ length: 600_000 }, (_, i) => (Math.imul(i, 2654435761) >>> 13) ^ i)

const ZEROS = new Uint8Array(3_000_000)

const COMPRESS: Record<ProvidedCodec, (bytes: Uint8Array) => Uint8Array> = {
  gzip: zlib.gzipSync,
  zstd: zlib.zstdCompressSync,
  brotli: (bytes) => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 3 } }),
}
/** Compressed once for each bytes: most tests damage the same ones. */
function onceForEach(compress: (bytes: Uint8Array) => Uint8Array): (bytes: Uint8Array) => Uint8Array {
  const cache = new Map<Uint8Array, Uint8Array>()
  return (bytes) => {
    const stored = cache.get(bytes) ?? compress(bytes)
    cache.set(bytes, stored)
    return stored
  }
}
const CODECS = ['gzip', 'zstd', 'brotli'] as const
const browserCodecs = createBrowserPageCodecs(compileCodec)

beforeAll(() => browserCodecs.load?.(new Set(CODECS)))

const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
const TOO_LONG = 'decompresses to more bytes than the'
const TOO_SHORT = 'decompresses to fewer bytes than the'

describe.each<[string, PageCodecs]>([
  ['the server', nodeCodecs],
  ['the browser', browserCodecs],
])('In %s', (_, codecs) => {
  describe.each(CODECS)('a page of %s', (codec) => {
    const compress = onceForEach(COMPRESS[codec])
    const read = (stored: Uint8Array, length: number) => decompress({ codec, codecs }, new Uint8Array(stored), length)

    test.each([
      ['text', TEXT],
      ['zeros', new Uint8Array(500)],
      ['one byte', Uint8Array.of(7)],
      ['no bytes', new Uint8Array(0)],
      ['much', NOISE],
    ])('that holds %s is decompressed exactly', (_name, bytes) => {
      const plain = read(compress(bytes), bytes.length)
      expect(Buffer.compare(plain, bytes)).toBe(0)
    })

    test('that holds one byte more than it claims is refused', () => {
      expect(() => read(compress(TEXT), TEXT.length - 1)).toThrow(TOO_LONG)
      expect(() => read(compress(TEXT), 0)).toThrow(TOO_LONG)
    })

    test('that holds one byte less than it claims is refused', () => {
      expect(() => read(compress(TEXT), TEXT.length + 1)).toThrow(TOO_SHORT)
      expect(() => read(compress(new Uint8Array(0)), 1)).toThrow(TOO_SHORT)
    })

    test('that is truncated anywhere is refused', () => {
      const stored = compress(TEXT)
      for (let length = 0; length < stored.length; length++) {
        expect(() => read(stored.subarray(0, length), TEXT.length)).toThrow(DamagedParquet)
      }
      expect(() => read(compress(NOISE).subarray(0, -1), NOISE.length)).toThrow(DamagedParquet)
    })

    test.each([
      ['a zero', Uint8Array.of(0)],
      ['other bytes', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)],
      ['the start of the same', compress(TEXT).subarray(0, 12)],
    ])('that has %s after its end is refused', (_name, tail) => {
      expect(() => read(join(compress(TEXT), tail), TEXT.length)).toThrow(DamagedParquet)
    })

    test('of another format is refused', () => {
      expect(() => read(TEXT, TEXT.length)).toThrow(DamagedParquet)
      expect(() => read(new Uint8Array(0), TEXT.length)).toThrow(DamagedParquet)
    })

    test('that claims 1 kB and expands to much more is refused at once', () => {
      const stored = compress(new Uint8Array(byCases(16, 64) * 1024 * 1024))
      const { arrayBuffers } = process.memoryUsage()
      expect(() => read(stored, 1024)).toThrow(TOO_LONG)
      expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(8 * 1024 * 1024)
    })

    test('is still decompressed after one that was refused', () => {
      expect(() => read(compress(NOISE).subarray(0, -1), NOISE.length)).toThrow(DamagedParquet)
      expect(Buffer.compare(read(compress(NOISE), NOISE.length), NOISE)).toBe(0)
    })
  })

  test.each(['gzip', 'zstd'] as const)('a page of several streams of %s holds them together', (codec) => {
    const stored = join(...[TEXT.subarray(0, 700), new Uint8Array(0), TEXT.subarray(700)].map(COMPRESS[codec]))
    const read = (bytes: Uint8Array, length: number) => decompress({ codec, codecs }, bytes, length)
    expect([...read(stored, TEXT.length)]).toEqual([...TEXT])
    expect(() => read(stored, TEXT.length - 1)).toThrow(TOO_LONG)
    expect(() => read(stored, 700)).toThrow(TOO_LONG)
    expect(() => read(stored, TEXT.length + 1)).toThrow(TOO_SHORT)
    expect(() => read(stored.subarray(0, -1), TEXT.length)).toThrow(DamagedParquet)
  })

  test('a page of several streams of brotli is refused', () => {
    const stored = join(COMPRESS.brotli(TEXT), COMPRESS.brotli(TEXT))
    const read = () => decompress({ codec: 'brotli', codecs }, stored, 2 * TEXT.length)
    expect(read).toThrow('after the end of its compressed data')
  })

  test('a page of gzip whose checksum is wrong is refused', () => {
    const stored = new Uint8Array(zlib.gzipSync(TEXT))
    stored[stored.length - 5] = (stored.at(-5) ?? 0) ^ 1
    expect(() => decompress({ codec: 'gzip', codecs }, stored, TEXT.length)).toThrow('not valid gzip')
  })
})

describe('The codecs of the browser', () => {
  test('are loaded once each, when the first file uses them', async () => {
    const compile = vi.fn(compileCodec)
    const codecs = createBrowserPageCodecs(compile)
    await codecs.load?.(new Set(['snappy', 'gzip']))
    expect(compile).not.toHaveBeenCalled()
    await Promise.all([codecs.load?.(new Set(['zstd'])), codecs.load?.(new Set(['zstd', 'snappy']))])
    await codecs.load?.(new Set(['zstd']))
    expect(compile.mock.calls).toEqual([['zstd.wasm']])
  })

  test('are requested again for the next file when the server could not be reached', async () => {
    const compile = vi.fn(compileCodec)
    compile.mockRejectedValueOnce(new AppError('server-unreachable', 'The server did not respond.'))
    const codecs = createBrowserPageCodecs(compile)
    await expect(codecs.load?.(new Set(['zstd']))).rejects.toMatchObject({ code: 'server-unreachable' })
    await codecs.load?.(new Set(['zstd']))
    expect([...codecs.zstd(COMPRESS.zstd(TEXT), TEXT.length)]).toEqual([...TEXT])
  })

  test('do not retain the memory of a large page', async () => {
    const large = new Uint8Array(80 * 1024 * 1024).fill(1)
    const instances: WebAssembly.Memory[] = []
    const RealInstance = WebAssembly.Instance
    vi.spyOn(WebAssembly, 'Instance').mockImplementation(function (...args) {
      const instance = new RealInstance(...args)
      if (instance.exports.memory instanceof WebAssembly.Memory) instances.push(instance.exports.memory)
      return instance
    })
    const codecs = createBrowserPageCodecs(compileCodec)
    await codecs.load?.(new Set(['zstd']))
    for (const bytes of [TEXT, large, TEXT, TEXT]) codecs.zstd(COMPRESS.zstd(bytes), bytes.length)
    expect(instances.map(({ buffer }) => buffer.byteLength > large.length)).toEqual([true, false])
  })
})

describe.each<[string, DataFileCodecs['avro']]>([
  ['the server', nodeCodecs.avro],
  ['the browser', browserCodecs.avro],
])('In %s', (_, avro) => {
  const compressors = {
    deflate: zlib.deflateRawSync,
    // The length of a stream is not in its frame, as when Java writes it.
    zstandard: (bytes: Uint8Array) =>
      zlib.zstdCompressSync(bytes, { params: { [zlib.constants.ZSTD_c_contentSizeFlag]: 0 } }),
  }
  beforeAll(() => avro.load?.('zstandard'))

  describe.each(['deflate', 'zstandard'] as const)('a block of Avro with %s', (codec) => {
    const compress = onceForEach((bytes) => new Uint8Array(compressors[codec](bytes)))

    test.each([
      ['text', TEXT],
      ['many zeros', ZEROS],
      ['one byte', Uint8Array.of(7)],
      ['no bytes', new Uint8Array(0)],
      ['much', NOISE],
    ])('that holds %s is decompressed exactly, whatever its limit', (_name, bytes) => {
      for (const maxBytes of [bytes.length, bytes.length + 1, 100_000_000])
        expect(Buffer.compare(avro.decompress(codec, compress(bytes), maxBytes), bytes)).toBe(0)
    })

    test('that is longer than its limit is refused', () => {
      for (const bytes of [TEXT, NOISE, ZEROS])
        expect(() => avro.decompress(codec, compress(bytes), bytes.length - 1)).toThrow(RangeError)
    })

    test('that is truncated is refused', () => {
      const stored = compress(TEXT)
      for (let length = 0; length < stored.length; length++) {
        if (codec === 'zstandard' && length === 0) continue
        expect(() => avro.decompress(codec, stored.subarray(0, length), 100_000), `${length} bytes`).toThrow(Error)
      }
    })
  })

  test('a block of Avro with snappy is decompressed and checked', () => {
    const literal = Uint8Array.of(3, 2 << 2, 97, 98, 99)
    const checksum = new Uint8Array(4)
    new DataView(checksum.buffer).setUint32(0, zlib.crc32('abc'))
    expect([...avro.decompress('snappy', join(literal, checksum), 3)]).toEqual([97, 98, 99])
    expect(() => avro.decompress('snappy', join(literal, checksum), 2)).toThrow(RangeError)
    expect(() => avro.decompress('snappy', join(literal, new Uint8Array(4)), 3)).toThrow('checksum')
  })
})
