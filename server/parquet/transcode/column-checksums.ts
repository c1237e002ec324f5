import 'server-only'
import { createHash, type Hash } from 'node:crypto'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DamagedParquet, withFileName } from '@/lib/parquet/errors'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import type { PageCodecs } from '@/lib/parquet/page-codecs'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { Indexes } from '@/lib/parquet/hybrid'
import type { Values } from '@/lib/parquet/values'
import { encodePlain } from '@/lib/parquet/write/encode-values'
import { createFilterCheck } from './chunk-bloom-filter'
import { type DecodedDictionary, type DecodedPage, decodePages } from './decode-pages'
import { type FileLayout, layoutOf } from './column-layout'

/** The values of a column, independent of its codec, its pages and their sizes. */
export type ColumnChecksum = { path: readonly string[]; fieldId: number | null; valueCount: number; sha256: string }

/**
 * Checksums of the columns of a file over its decoded pages: the levels of every value and null, and the values in
 * their order. Two files with equal ones have the same rows, as our decoders read them.
 *
 * Columns that keep their dictionaries have them and the indexes in the checksum, so that values are not looked up twice.
 */
export class ColumnChecksums {
  readonly #layout: FileLayout
  readonly #columns = new Map<string, ColumnDigest>()
  readonly #sameLevels = new SameLevels()

  /** @param layout that the file is, or was, written with */
  constructor(layout: FileLayout) {
    this.#layout = layout
  }

  /** Takes the pages of each column in their order. */
  readonly add = (node: SchemaNode, page: DecodedDictionary | DecodedPage): void => {
    const key = node.path.join('\n')
    const keepsDictionary = layoutOf(this.#layout, node.fieldId).dictionary === 'keep'
    const column = this.#columns.get(key) ?? new ColumnDigest(node, keepsDictionary, this.#sameLevels)
    this.#columns.set(key, column)
    column.add(page)
  }

  /** In the order of the schema. A column without rows has a checksum, too. */
  finish(leaves: readonly SchemaNode[]): ColumnChecksum[] {
    return leaves.map((node) =>
      (this.#columns.get(node.path.join('\n')) ?? new ColumnDigest(node, true, this.#sameLevels)).finish(),
    )
  }
}

/**
 * Reads a whole file.
 *
 * @param checksFilters requires that the Bloom filters that the layout asks for hold the values of the file: readers would
 *   not find a value that one lacks
 * @throws {AppError} internal if one does not; file-damaged, not-supported, too-large; errors of the source
 */
export async function readColumnChecksums(
  source: ByteSource,
  layout: FileLayout,
  { codecs, checksFilters = false, signal }: { codecs: PageCodecs; checksFilters?: boolean; signal?: AbortSignal },
): Promise<{ footer: ParquetFooter; checksums: ColumnChecksum[] }> {
  const footer = await readFooter(source, signal && { signal })
  return await withFileName(source.name, async () => {
    const chunks = footer.rowGroups.flatMap(({ columns }) => columns)
    await codecs.load?.(new Set(chunks.map(({ codec }) => codec)))
    const checksums = new ColumnChecksums(layout)
    for (const chunk of chunks) {
      signal?.throwIfAborted()
      const node = footer.leaves[chunk.leaf]
      if (!node) throw new DamagedParquet('a row group has more columns than the schema')
      const compression = { codec: chunk.codec, codecs }
      const filterCheck = checksFilters
        ? await createFilterCheck({ source, node, chunk, layout: layoutOf(layout, node.fieldId) })
        : null
      for await (const page of decodePages({ source, node, chunk, compression, ...(signal && { signal }) })) {
        checksums.add(node, page)
        if (page.kind === 'data') filterCheck?.add(page.values)
      }
    }
    return { footer, checksums: checksums.finish(footer.leaves) }
  })
}

const SAME_LEVELS = 32_768

/** Many levels that are all the same, by the level, for all columns of a file: levels are bytes, so they are few. */
class SameLevels {
  readonly #byLevel = new Map<number, Uint8Array>()

  of(level: number): Uint8Array {
    const same = this.#byLevel.get(level) ?? new Uint8Array(SAME_LEVELS).fill(level)
    this.#byLevel.set(level, same)
    return same
  }
}

class ColumnDigest {
  readonly #node: SchemaNode
  readonly #keepsDictionary: boolean
  readonly #sameLevels: SameLevels
  readonly #repetitions = createHash('sha256')
  readonly #definitions = createHash('sha256')
  readonly #plain = createHash('sha256')
  readonly #indexed = createHash('sha256')
  /** How many values in a row are indexes of a dictionary, of how many bytes each, and how many are not. */
  readonly #runs = createHash('sha256')
  #run = { width: 0, count: 0 }
  #valueCount = 0

  constructor(node: SchemaNode, keepsDictionary: boolean, sameLevels: SameLevels) {
    this.#node = node
    this.#sameLevels = sameLevels
    this.#keepsDictionary = keepsDictionary
  }

  add(page: DecodedDictionary | DecodedPage): void {
    if (page.kind === 'dictionary') {
      if (!this.#keepsDictionary) return
      updateLength(this.#indexed, page.plain.length)
      this.#indexed.update(page.plain)
      return
    }
    const { header, values, nonNullCount } = page
    this.#valueCount += header.valueCount
    this.#updateLevels(this.#repetitions, page.repetitions, header.valueCount, this.#node.maxRepetition)
    this.#updateLevels(this.#definitions, page.definitions, header.valueCount, this.#node.maxDefinition)
    // It may be on its own in one file, and with others in the other.
    if (nonNullCount === 0) return
    const isIndexed = values.kind === 'indexed' && this.#keepsDictionary
    const width = isIndexed ? values.indexes.BYTES_PER_ELEMENT : 0
    if (width !== this.#run.width) this.#endRun(width)
    this.#run.count += nonNullCount
    if (isIndexed) this.#indexed.update(bytesOf(values.indexes.subarray(0, nonNullCount)))
    else this.#plain.update(toPlainBytes(values, page))
  }

  finish(): ColumnChecksum {
    this.#endRun(0)
    const all = createHash('sha256')
    for (const part of [this.#repetitions, this.#definitions, this.#runs, this.#indexed, this.#plain])
      all.update(part.digest())
    const { path, fieldId } = this.#node
    return { path, fieldId, valueCount: this.#valueCount, sha256: all.digest('hex') }
  }

  /** Levels that a page leaves out because all are the highest are counted as if it had them. */
  #updateLevels(hash: Hash, levels: Uint8Array | null, count: number, max: number): void {
    if (max === 0) return
    if (levels !== null) {
      hash.update(levels)
      return
    }
    const same = this.#sameLevels.of(max)
    for (let left = count; left > 0; left -= same.length) {
      hash.update(left < same.length ? same.subarray(0, left) : same)
    }
  }

  #endRun(width: number): void {
    if (this.#run.count > 0) {
      updateLength(this.#runs, this.#run.width)
      updateLength(this.#runs, this.#run.count)
    }
    this.#run = { width, count: 0 }
  }
}

/** The same bytes for the same values, wherever pages end. */
function toPlainBytes(values: Values, { header, valueBytes, nonNullCount }: DecodedPage): Uint8Array {
  // Bits of a page that does not end with a byte.
  if (values.kind === 'booleans') return values.data.subarray(0, nonNullCount)
  if (values.kind === 'byteArrays' && header.encoding === 'PLAIN') {
    return valueBytes.subarray(0, lengthOfPlain(values, valueBytes, nonNullCount))
  }
  return encodePlain(values, { start: 0, end: nonNullCount })
}

/** Where the last byte array ends in the page; `starts` and `ends` may count from another byte than the page. */
function lengthOfPlain(
  { starts, ends }: { starts: Uint32Array; ends: Uint32Array },
  valueBytes: Uint8Array,
  count: number,
): number {
  const first = (starts[0] ?? 0) - 4
  return Math.min(valueBytes.length, (ends[count - 1] ?? 0) - first)
}

function bytesOf({ buffer, byteOffset, byteLength }: Indexes): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function updateLength(hash: Hash, length: number): void {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(length))
  hash.update(bytes)
}
