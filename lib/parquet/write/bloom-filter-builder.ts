import { BLOCK_BYTES, BLOOM_SALTS, blockIndex, MAX_FILTER_BYTES } from '../bloom-filter'
import type { HashHalves } from '../xxhash64'
import { i32, thriftStruct, writeThriftStruct } from './thrift-writer'

/** How large a Bloom filter may be, and how often it may be wrong. */
export type BloomFilterSize = {
  maxBytes: number
  /** The share of values that are not in the column for which the filter says that they might be. */
  falsePositiveRate: number
  /** How many distinct values to make room for; null: as many as there are. */
  distinctCount: number | null
}

const BLOCK_WORDS = BLOCK_BYTES / 4
const WORD_BITS = 32

/**
 * A split-block Bloom filter while values are added. It starts as large as it may get and is halved at the end, as long
 * as it stays as precise as requested: blocks are chosen by the highest bits of a hash, so two neighbours become the
 * block that a filter of half the size would have. Its size is a power of two, because Arrow does not read others.
 *
 * Spec: parquet-format, *BloomFilter.md*.
 */
export class BloomFilterBuilder {
  #words: Uint32Array

  /** @param valueCount of the column chunk, so that a small one needs little memory */
  constructor(size: BloomFilterSize, valueCount: number) {
    this.#words = new Uint32Array(BLOCK_WORDS * initialBlockCount(size, valueCount))
  }

  add({ high, low }: HashHalves): void {
    const words = this.#words
    const block = blockIndex(high, words.length / BLOCK_WORDS) * BLOCK_WORDS
    for (let i = 0; i < BLOCK_WORDS; i++) {
      words[block + i] = (words[block + i] ?? 0) | (1 << (Math.imul(low, BLOOM_SALTS[i] ?? 0) >>> 27))
    }
  }

  /** The header and the bits. */
  finish(falsePositiveRate: number): Uint8Array {
    for (;;) {
      const halved = halve(this.#words)
      if (halved === null || expectedRate(halved) > falsePositiveRate) break
      this.#words = halved
    }
    const { buffer, byteLength } = this.#words
    const onlyChoice = thriftStruct({ 1: thriftStruct({}) })
    const header = writeThriftStruct({ 1: i32(byteLength), 2: onlyChoice, 3: onlyChoice, 4: onlyChoice })
    const filter = new Uint8Array(header.length + byteLength)
    filter.set(header)
    // Words are little-endian in the format, and on every supported machine.
    filter.set(new Uint8Array(buffer), header.length)
    return filter
  }
}

/** A power of two. */
function initialBlockCount({ maxBytes, falsePositiveRate, distinctCount }: BloomFilterSize, valueCount: number) {
  const count = Math.min(valueCount, distinctCount ?? valueCount)
  const bits = (-8 * count) / Math.log(1 - falsePositiveRate ** (1 / 8))
  // The formula takes all blocks for equally full. Few blocks are not, so there is room for a size more.
  const room = distinctCount === null ? 2 : 1
  const requested = room * 2 ** Math.ceil(Math.log2(Math.max(1, bits / 8 / BLOCK_BYTES)))
  const most = 2 ** Math.floor(Math.log2(Math.max(1, Math.min(maxBytes, MAX_FILTER_BYTES) / BLOCK_BYTES)))
  return Math.min(requested, most)
}

function halve(words: Uint32Array): Uint32Array<ArrayBuffer> | null {
  if (words.length <= BLOCK_WORDS) return null
  const halved = new Uint32Array(words.length / 2)
  for (let i = 0; i < halved.length; i++) {
    const pair = 2 * BLOCK_WORDS * Math.floor(i / BLOCK_WORDS) + (i % BLOCK_WORDS)
    halved[i] = (words[pair] ?? 0) | (words[pair + BLOCK_WORDS] ?? 0)
  }
  return halved
}

/** How likely it is that a value which was never added has all its bits set. */
function expectedRate(words: Uint32Array): number {
  let total = 0
  for (let block = 0; block < words.length; block += BLOCK_WORDS) {
    let share = 1
    for (let i = 0; i < BLOCK_WORDS && share > 0; i++) share *= countBits(words[block + i] ?? 0) / WORD_BITS
    total += share
  }
  return (total * BLOCK_WORDS) / words.length
}

/** By adding neighbouring bits, pairs, and so on. */
function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const quads = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((quads + (quads >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
