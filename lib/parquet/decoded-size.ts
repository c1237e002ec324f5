import { DamagedParquet, OversizedParquet, UnsupportedParquet } from './errors'
import { type DecodeLimits, toMebibytes } from './decode-limits'
import { decompress } from './decompress'
import type { ColumnChunk } from './footer'
import { maxDecompressedBytes } from './max-decompressed-bytes'
import { type PageHeader, readDataPage, readDictionary, readPageHeader } from './page'
import type { SchemaNode } from './schema-node'
import { type ReserveMemory, type Values, valueCount } from './values'

/** A column chunk as stored in its file. `column` is the name that people know. */
export type StoredChunk = { column: string; node: SchemaNode; chunk: ColumnChunk; bytes: Uint8Array }

/**
 * Computes how large column chunks become when they are decoded together, before a decoder that trusts its input gets
 * them. The size is that in Arrow, where every repeated value is written out. The lengths in a footer say nothing about
 * this (a kilobyte repeated twenty million times is a file of 43 KB), so this reads the pages.
 *
 * The page headers and the dictionaries nearly always give an upper bound below the limit. If they do not, this decodes
 * and counts the indexes into the dictionaries.
 *
 * @param startBytes the memory that is already used
 * @throws {OversizedParquet} with the column and the limit that it exceeds
 * @throws {DamagedParquet, UnsupportedParquet} as decoding the pages would
 */
export function checkDecodedSize(chunks: readonly StoredChunk[], limits: DecodeLimits, startBytes = 0): void {
  const estimates = chunks.map((stored) => withColumnName(stored, () => estimateChunkSize(stored, limits)))
  const maxBytes = estimates.reduce(
    (sum, estimate) => sum + estimate.knownBytes + estimate.maxRepeatedBytes,
    startBytes,
  )
  if (maxBytes <= limits.decodedBytes) return
  let total = startBytes
  const addBytes = (stored: StoredChunk, bytes: number) => {
    total += bytes
    if (total > limits.decodedBytes) throw rowsTooLargeError(stored, limits)
  }
  for (const { stored, knownBytes, dictionaryPages, dictionary } of estimates) {
    addBytes(stored, knownBytes)
    for (const header of dictionaryPages) {
      const { values } = withColumnName(stored, () => decodePage(stored, header, dictionary, limits))
      addBytes(stored, totalValueBytes(values))
    }
  }
}

type SizeEstimate = {
  stored: StoredChunk
  /** Of everything except texts that a dictionary repeats. */
  knownBytes: number
  /** Of those texts, if each were the longest one. */
  maxRepeatedBytes: number
  /** The pages of those texts. */
  dictionaryPages: readonly PageHeader[]
  dictionary: Values | null
}

/** DuckDB and Arrow store where each text ends. */
const OFFSET_BYTES = 4
/** Two levels of two bytes, as decoders store them for repeated columns. */
const LEVEL_BYTES = 4

function estimateChunkSize(stored: StoredChunk, limits: DecodeLimits): SizeEstimate {
  const { node, chunk, bytes } = stored
  const widthBytes = arrowWidthBytes(node)
  const estimate = { stored, knownBytes: 0, maxRepeatedBytes: 0, dictionary: null as Values | null }
  const dictionaryPages: PageHeader[] = []
  let maxValueBytes = 0
  for (const header of pageHeaders(bytes, chunk.valueCount)) {
    if (header.encodedBytes > limits.decodedBytes) throw pageTooLargeError(header, limits)
    if (header.kind === 'other') continue
    checkPageExpansion(stored, header, limits)
    if (header.kind === 'dictionary') {
      if (widthBytes !== null) continue
      if (estimate.dictionary) throw new DamagedParquet('a column chunk has two dictionaries')
      const body = bytes.subarray(header.start, header.end)
      estimate.dictionary = readDictionary(header, body, node, chunk.codec, createPageBudget(limits))
      maxValueBytes = checkValueLengths(estimate.dictionary, limits)
      continue
    }
    const { valueCount: count, encoding } = header
    if (node.maxRepetition > 0) estimate.knownBytes += count * LEVEL_BYTES
    if (widthBytes !== null) estimate.knownBytes += count * widthBytes
    else if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') {
      estimate.knownBytes += count * OFFSET_BYTES
      estimate.maxRepeatedBytes += count * maxValueBytes
      dictionaryPages.push(header)
    } else if (encoding === 'DELTA_BYTE_ARRAY' || header.encodedBytes > limits.valueBytes) {
      const { values } = decodePage(stored, header, estimate.dictionary, limits)
      checkValueLengths(values, limits)
      estimate.knownBytes += count * OFFSET_BYTES + totalValueBytes(values)
    } else estimate.knownBytes += Math.max(header.encodedBytes, count * OFFSET_BYTES)
  }
  return { ...estimate, dictionaryPages }
}

/** All pages of a chunk: a decoder may look at one more than its values need. */
function* pageHeaders(bytes: Uint8Array, claimedCount: number): Generator<PageHeader> {
  let valuesSeen = 0
  for (let at = 0; at < bytes.length; ) {
    let header: PageHeader
    try {
      header = readPageHeader(bytes, at)
    } catch (error) {
      // Bytes after the last page belong to nothing, and no decoder reads further than this.
      if (valuesSeen >= claimedCount) return
      throw error
    }
    yield header
    if (header.kind === 'data' || header.kind === 'data-v2') valuesSeen += header.valueCount
    at = header.end
  }
}

/**
 * Checks a page that may become much larger than its header says by decompressing it, with the output limited to the
 * claimed size. A zstd page is refused by the number of its blocks alone: no writer makes pages of thousands of blocks.
 */
function checkPageExpansion({ chunk: { codec }, bytes }: StoredChunk, header: PageHeader, limits: DecodeLimits): void {
  const { levels, encodedBytes } = header
  const isV2 = 'isCompressed' in levels
  if (isV2 && !levels.isCompressed) return
  const levelBytes = isV2 ? levels.repetitionBytes + levels.definitionBytes : 0
  const body = bytes.subarray(Math.min(header.end, header.start + levelBytes), header.end)
  const maxBytes = maxDecompressedBytes(codec, body)
  if (maxBytes <= limits.decodedBytes) return
  if (codec === 'zstd') {
    throw new OversizedParquet(
      `a page that claims ${encodedBytes} bytes may expand to ${toMebibytes(maxBytes)}, more than the ` +
        `${toMebibytes(limits.decodedBytes)} limit for decoding`,
    )
  }
  decompress(codec, body, Math.max(0, encodedBytes - levelBytes))
}

function decodePage(
  { node, chunk, bytes }: StoredChunk,
  header: PageHeader,
  dictionary: Values | null,
  limits: DecodeLimits,
) {
  const body = bytes.subarray(header.start, header.end)
  return readDataPage(header, body, node, chunk.codec, dictionary, createPageBudget(limits))
}

/** For checking one page, which is discarded afterwards. */
function createPageBudget(limits: DecodeLimits): ReserveMemory {
  let remainingBytes = limits.decodedBytes
  return (bytes) => {
    remainingBytes -= bytes
    if (remainingBytes < 0)
      throw new OversizedParquet(`a page takes more than ${toMebibytes(limits.decodedBytes)} of memory`)
  }
}

/** Total bytes of strings and binaries; values that a dictionary repeats count each time. */
function totalValueBytes(values: Values): number {
  let total = 0
  if (values.kind === 'byteArrays') for (let i = 0; i < values.starts.length; i++) total += valueLength(values, i)
  if (values.kind === 'indexed') for (const index of values.indexes) total += valueLength(values.dictionary, index)
  return total
}

function valueLength(values: Values, index: number): number {
  return values.kind === 'byteArrays' ? (values.ends[index] ?? 0) - (values.starts[index] ?? 0) : 0
}

/** @returns the length of the longest value */
function checkValueLengths(values: Values, { valueBytes }: DecodeLimits): number {
  let maxLength = 0
  for (let i = 0, count = valueCount(values); i < count; i++) maxLength = Math.max(maxLength, valueLength(values, i))
  if (maxLength > valueBytes) {
    throw new OversizedParquet(
      `a value of ${toMebibytes(maxLength)} is longer than the limit of ${toMebibytes(valueBytes)}`,
    )
  }
  return maxLength
}

/** Size of a value in Arrow in bytes; null if values differ in length. */
function arrowWidthBytes({ leaf, annotation, path }: SchemaNode): number | null {
  if (!leaf) throw new DamagedParquet(`${path.join('.')} holds no values`)
  if (annotation?.kind === 'decimal') return 16
  switch (leaf.physicalType) {
    case 'BOOLEAN':
      return 1
    case 'INT32':
    case 'FLOAT':
      return 4
    case 'INT64':
    case 'DOUBLE':
    case 'INT96':
      return 8
    case 'FIXED_LEN_BYTE_ARRAY':
      return leaf.lengthBytes
    case 'BYTE_ARRAY':
      return null
  }
}

function pageTooLargeError({ encodedBytes }: PageHeader, { decodedBytes }: DecodeLimits): OversizedParquet {
  return new OversizedParquet(
    `a page of ${toMebibytes(encodedBytes)} is larger than the ${toMebibytes(decodedBytes)} limit for decoding`,
  )
}

function rowsTooLargeError({ column }: StoredChunk, { decodedBytes }: DecodeLimits): OversizedParquet {
  return new OversizedParquet(
    `with column ${column} these rows take more than ${toMebibytes(decodedBytes)} of memory; leave the column out to read the others`,
  )
}

/** Adds the column's name to errors. */
function withColumnName<T>({ column }: StoredChunk, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof OversizedParquet) throw new OversizedParquet(`column ${column}: ${error.message}`)
    if (error instanceof DamagedParquet) throw new DamagedParquet(`column ${column}: ${error.message}`)
    if (error instanceof UnsupportedParquet) throw new UnsupportedParquet(`column ${column}: ${error.message}`)
    throw error
  }
}
