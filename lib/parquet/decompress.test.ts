import { describe, expect, test } from 'vitest'
import { pageCodecs as codecs } from '@/testing/parquet/page-codecs'
import { DamagedParquet, UnsupportedParquet } from './errors'
import { decompress } from './decompress'
import { decompressSnappy } from './snappy'

const TEXT = new TextEncoder().encode('the lake, the lake, the lake, the shore '.repeat(50))

/** `a` to `z` and again, which no copy shortens. */
const letters = (count: number) => Array.from({ length: count }, (_, i) => 0x61 + (i % 26))

describe('Snappy', () => {
  test.each([
    [
      'literals, and a copy that overlaps what it writes',
      [9, 0x00, 0x61, 0x11, 1, 0x0c, ...letters(4)],
      'aaaaaaaaaabcd',
    ],
    ['a copy with an offset of two bytes', [6, 0x08, ...letters(3), 0x0a, 3, 0], 'abcabc'],
    ['a copy with an offset of four bytes', [6, 0x08, ...letters(3), 0x0b, 3, 0, 0, 0], 'abcabc'],
    ['literals whose length takes a byte', [100, 0xf0, 99, ...letters(100)], String.fromCharCode(...letters(100))],
    ['literals whose length takes four bytes', [5, 0xfc, 4, 0, 0, 0, ...letters(5)], 'abcde'],
    ['nothing', [0], ''],
  ])('reads a block: %s', (_, block, text) => {
    block[0] = text.length
    expect(new TextDecoder().decode(decompressSnappy(Uint8Array.from(block), text.length))).toBe(text)
  })

  test.each([
    ['a copy from before the start of the output', [5, 0x00, 0x61, 0x01, 9]],
    ['an offset of zero', [5, 0x00, 0x61, 0x01, 0]],
    ['literals beyond the end of the input', [5, 0xf0]],
    // A reader with signed lengths goes back to the same literal for ever.
    ['a length of literals near 4 GiB', [5, 0xfc, 0xfa, 0xff, 0xff, 0xff, 0, 0]],
    ['an end in the middle of an offset', [5, 0x00, 0x61, 0x02, 1]],
    ['copies beyond the end of the output', [5, 0x00, 0x61, 0x15, 1]],
    ['bytes after the last value', [5, 0x10, ...letters(5), 0x00, 0x61]],
    ['an end before the length that it claims', [5, 0x00, 0x61]],
    ['a length that is not the one of the page', [6, 0x14, ...letters(6)]],
    ['no length', [0x80]],
  ])('refuses %s', (_, block) => {
    expect(() => decompressSnappy(Uint8Array.from(block), 5)).toThrow(DamagedParquet)
  })
})

test('uncompressed bytes must have the length they claim', () => {
  expect(decompress({ codec: 'uncompressed', codecs }, TEXT, TEXT.length)).toBe(TEXT)
  expect(() => decompress({ codec: 'uncompressed', codecs }, TEXT, 3)).toThrow(DamagedParquet)
})

test('a page that is stored as no bytes at all is empty', () => {
  expect(decompress({ codec: 'zstd', codecs }, new Uint8Array(0), 0)).toEqual(new Uint8Array(0))
  expect(() => decompress({ codec: 'zstd', codecs }, new Uint8Array(0), 1)).toThrow(DamagedParquet)
})

test('LZO is refused as unsupported', () => {
  expect(() => decompress({ codec: 'lzo', codecs }, TEXT, 3)).toThrow(UnsupportedParquet)
})
