import { describe, expect, test } from 'vitest'
import { DamagedParquet } from './errors'
import { decompressLz4, decompressLz4Raw } from './lz4'

/** Nine bytes: an `a`, seven more by a match that overlaps what it writes, and a `b`. */
const BLOCK = [0x13, 0x61, 1, 0, 0x10, 0x62]
const PLAIN = 'aaaaaaaab'

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const uint32 = (value: number) => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]
/** A chunk of a Hadoop block. */
const chunk = (block: readonly number[], storedBytes = block.length) => [...uint32(storedBytes), ...block]
/** Hadoop's block of one chunk. */
const frame = (block: readonly number[], plainBytes: number, storedBytes = block.length) => [
  ...uint32(plainBytes),
  ...chunk(block, storedBytes),
]
const literals = (text: string) => [text.length << 4, ...new TextEncoder().encode(text)]

describe('A block', () => {
  test('has literals, and matches that may overlap what they write', () => {
    expect(decode(decompressLz4Raw(Uint8Array.from(BLOCK), 9))).toBe(PLAIN)
  })

  test('may have lengths of several bytes', () => {
    const count = 15 + 255 + 3
    const block = [0xff, 255, 3, ...Array<number>(count).fill(0x61), 1, 0, 255, 1]
    const length = count + 15 + 255 + 1 + 4
    expect(decode(decompressLz4Raw(Uint8Array.from(block), length))).toBe('a'.repeat(length))
  })

  test.each([
    ['a match before the start of the output', [0x10, 0x61, 9, 0]],
    ['an offset of zero', [0x10, 0x61, 0, 0]],
    ['literals beyond the end of the input', [0xf0, 255]],
    ['an end in the middle of an offset', [0x10, 0x61, 1]],
    ['more than the page claims', [0x1f, 0x61, 1, 0, 255, 10]],
    ['fewer than the page claims', [0x10, 0x61]],
  ])('with %s is refused', (_, block) => {
    expect(() => decompressLz4Raw(Uint8Array.from(block), 9)).toThrow(DamagedParquet)
  })
})

describe('A page of the old codec', () => {
  test('has Hadoop’s blocks, one after another', () => {
    const page = Uint8Array.from([...frame(literals('lake'), 4), ...frame(BLOCK, 9), ...frame(literals('!'), 1)])
    expect(decode(decompressLz4(page, 14))).toBe(`lake${PLAIN}!`)
  })

  test('has blocks of several chunks, as Hadoop writes more than fits its buffer', () => {
    const block = [...uint32(14), ...chunk(literals('lake')), ...chunk(BLOCK), ...chunk(literals('!'))]
    expect(decode(decompressLz4(Uint8Array.from(block), 14))).toBe(`lake${PLAIN}!`)
    const page = Uint8Array.from([...frame(literals('at '), 3), ...block])
    expect(decode(decompressLz4(page, 17))).toBe(`at lake${PLAIN}!`)
  })

  test('without values is a block of length zero', () => {
    expect(decompressLz4(Uint8Array.from(uint32(0)), 0)).toEqual(new Uint8Array(0))
    expect(decompressLz4(new Uint8Array(0), 0)).toEqual(new Uint8Array(0))
  })

  test('may be one block without lengths, also one whose first bytes could be lengths', () => {
    // The literals of 0 and 6 bytes, or a block of 0 bytes and a chunk of 6.
    const plain = Uint8Array.from([0, 0, 0, 6, 1, 2, 3, 4, 5, 6])
    const block = Uint8Array.from([plain.length << 4, ...plain])
    expect(decompressLz4(block, plain.length)).toEqual(plain)
  })

  test('may be one block without lengths', () => {
    expect(decode(decompressLz4(Uint8Array.from(BLOCK), 9))).toBe(PLAIN)
  })

  test('has no match into an earlier block that its own bytes do not allow', () => {
    const intoNothing = frame([0x10, 0x61, 9, 0, 0x10, 0x62], 6)
    expect(() => decompressLz4(Uint8Array.from(intoNothing), 6)).toThrow('reaches beyond its bytes')
  })

  test.each([
    ['a block that expands to fewer bytes than it claims', frame(literals('la'), 4), 4],
    ['a block that expands to more bytes than it claims', frame(literals('lake'), 2), 2],
    ['blocks that claim more than the page', frame(literals('lake'), 4), 3],
    ['a chunk that is cut off', frame(literals('lake'), 4, 50), 4],
    ['a block whose last chunk is missing', [...uint32(8), ...chunk(literals('lake'))], 8],
    ['a chunk without bytes', [...uint32(4), ...chunk([]), ...chunk(literals('lake'))], 4],
  ])('with %s is refused', (_, page, length) => {
    expect(() => decompressLz4(Uint8Array.from(page), length)).toThrow(DamagedParquet)
  })
})
