import 'server-only'
import { AppError } from '@/lib/errors'
import { readBloomFilter } from '@/lib/parquet/bloom-filter'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DamagedParquet } from '@/lib/parquet/errors'
import type { ColumnChunk } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { valueCount, type Values } from '@/lib/parquet/values'
import { BloomFilterBuilder, type BloomFilterSize } from '@/lib/parquet/write/bloom-filter-builder'
import { type HashHalves, xxhash64 } from '@/lib/parquet/xxhash64'
import type { ColumnLayout } from './column-layout'

/**
 * Whether equal values of a column have equal bytes, so that a Bloom filter can find them. Readers test no booleans, and
 * not the other types that are left out.
 */
export function canHaveBloomFilter({ leaf, annotation }: Pick<SchemaNode, 'leaf' | 'annotation'>): boolean {
  switch (leaf?.physicalType) {
    case 'INT32':
    case 'INT64':
    case 'FLOAT':
    case 'DOUBLE':
      return true
    case 'FIXED_LEN_BYTE_ARRAY':
      return annotation?.kind !== 'float16' && annotation?.kind !== 'interval'
    case 'BYTE_ARRAY':
      // A number of any length, with or without leading zeros.
      return annotation?.kind !== 'decimal'
    default:
      return false
  }
}

/** The Bloom filter of a column chunk, from its pages. */
export class ChunkBloomFilter {
  readonly #builder: BloomFilterBuilder
  readonly #falsePositiveRate: number
  readonly #hasher: ValueHasher

  /** @param chunkValueCount how many values and nulls its pages have */
  constructor(size: BloomFilterSize, chunkValueCount: number) {
    this.#builder = new BloomFilterBuilder(size, chunkValueCount)
    this.#falsePositiveRate = size.falsePositiveRate
    this.#hasher = new ValueHasher((hash) => this.#builder.add(hash))
  }

  add(values: Values): void {
    this.#hasher.add(values)
  }

  /** The header and the bits. */
  finish(): Uint8Array {
    return this.#builder.finish(this.#falsePositiveRate)
  }
}

/** Hashes the values of a column chunk page by page, and those of its dictionary once. */
export class ValueHasher {
  readonly #onHash: (hash: HashHalves) => void
  #dictionary: Values | null = null

  constructor(onHash: (hash: HashHalves) => void) {
    this.#onHash = onHash
  }

  add(values: Values): void {
    if (values.kind !== 'indexed') return hashValues(values, this.#onHash)
    if (values.dictionary === this.#dictionary) return
    this.#dictionary = values.dictionary
    hashValues(values.dictionary, this.#onHash)
  }
}

/**
 * Checks that the Bloom filter of a written column chunk contains its values; null if the chunk gets no filter. It
 * throws an {AppError} internal for other values.
 */
export async function createFilterCheck({
  source,
  node,
  chunk,
  layout,
}: {
  source: ByteSource
  node: SchemaNode
  chunk: ColumnChunk
  layout: ColumnLayout
}): Promise<ValueHasher | null> {
  if (typeof layout.bloomFilter === 'string' || !canHaveBloomFilter(node)) return null
  const filter = await readBloomFilter(source, chunk)
  return new ValueHasher((hash) => {
    if (filter?.mightHoldHash(hash)) return
    const column = node.path.join('.')
    throw new AppError('internal', `The Bloom filter of ${column} in ${source.name} lacks a value of the column.`, {
      facts: { column },
    })
  })
}

function hashValues(values: Values, onHash: (hash: HashHalves) => void): void {
  switch (values.kind) {
    case 'byteArrays': {
      const { bytes, starts, ends } = values
      for (let i = 0; i < starts.length; i++) onHash(xxhash64(bytes, starts[i], ends[i]))
      return
    }
    case 'fixed':
      return hashEvery(values.bytes, values.lengthBytes, values.count, onHash)
    case 'numbers':
    case 'longs': {
      const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT: width } = values.data
      hashEvery(new Uint8Array(buffer, byteOffset, byteLength), width, valueCount(values), onHash)
      if (values.kind === 'numbers' && !(values.data instanceof Int32Array)) hashEquals(values.data, onHash)
      return
    }
    case 'booleans':
    case 'indexed':
    case 'joined':
      throw new DamagedParquet('values of this kind have no Bloom filter')
  }
}

function hashEvery(bytes: Uint8Array, width: number, count: number, onHash: (hash: HashHalves) => void): void {
  for (let i = 0; i < count; i++) onHash(xxhash64(bytes, i * width, (i + 1) * width))
}

/**
 * The other bytes by which readers look for an existing number: zero has two signs, and there are many NaN. Engines
 * treat them as equal.
 */
function hashEquals(data: Float32Array | Float64Array, onHash: (hash: HashHalves) => void): void {
  const { BYTES_PER_ELEMENT: width } = data
  const exists = { zero: data.includes(0), nan: data.includes(Number.NaN) }
  const others = [...(exists.zero ? [0, -0] : []), ...(exists.nan ? [Number.NaN] : [])]
  const numbers = data instanceof Float32Array ? Float32Array.from(others) : Float64Array.from(others)
  hashEvery(new Uint8Array(numbers.buffer), width, numbers.length, onHash)
}
