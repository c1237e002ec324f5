import 'server-only'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { Compression } from '@/lib/parquet/decompress'
import { DamagedParquet, OversizedParquet } from '@/lib/parquet/errors'
import type { ColumnChunk } from '@/lib/parquet/footer'
import { openDataPage, openDictionary, type OpenedPage, type PageHeader } from '@/lib/parquet/page'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { readPlain, readValues, type ReserveMemory, type Values } from '@/lib/parquet/values'
import { readStoredPages, type StoredPage } from './read-stored-pages'

/** Memory for one page: as stored, decompressed, decoded. The dictionary of its column chunk has as much. */
export const MAX_PAGE_MEMORY_BYTES = 512 * 1024 * 1024

export type ChunkToDecode = {
  source: ByteSource
  node: SchemaNode
  chunk: ColumnChunk
  compression: Compression
  signal?: AbortSignal
}

/** A dictionary in the PLAIN encoding. */
export type DecodedDictionary = { kind: 'dictionary'; header: PageHeader; plain: Uint8Array }
export type DecodedPage = OpenedPage & { kind: 'data'; header: PageHeader; values: Values }

/**
 * The pages of a column chunk with their levels and values, one at a time.
 *
 * @throws {DamagedParquet}, {UnsupportedParquet}, {OversizedParquet}; errors of the source
 */
export async function* decodePages({
  source,
  node,
  chunk,
  compression,
  signal,
}: ChunkToDecode): AsyncGenerator<DecodedDictionary | DecodedPage> {
  const decode = createPageDecoder(node, compression)
  const pages = readStoredPages(source, chunk, { maxPageBytes: MAX_PAGE_MEMORY_BYTES, ...(signal && { signal }) })
  for await (const stored of pages) {
    const page = decode(stored)
    if (page !== null) yield page
  }
}

/**
 * Decodes pages of one column chunk, the dictionary first. Returns null for a page without values.
 *
 * @throws {DamagedParquet}, {UnsupportedParquet}, {OversizedParquet}
 */
export function createPageDecoder(
  node: SchemaNode,
  compression: Compression,
): (stored: StoredPage) => DecodedDictionary | DecodedPage | null {
  const { leaf } = node
  if (!leaf) throw new DamagedParquet(`${node.path.join('.')} holds no values`)
  let dictionary: Values | null = null
  let hasData = false
  return ({ header, body }) => {
    const reserveMemory = createBudget()
    if (header.kind === 'dictionary') {
      if (dictionary || hasData) throw new DamagedParquet('a column chunk has a dictionary after its first page')
      const plain = openDictionary(header, body, compression, reserveMemory)
      dictionary = readPlain(plain, header.valueCount, leaf, reserveMemory)
      return { kind: 'dictionary', header, plain }
    }
    if (header.kind === 'other' || header.valueCount === 0) return null
    const opened = openDataPage(header, body, node, compression, reserveMemory)
    const { valueBytes, nonNullCount } = opened
    const values = readValues(header.encoding, valueBytes, nonNullCount, leaf, dictionary, reserveMemory, true)
    hasData = true
    return { ...opened, kind: 'data', header, values }
  }
}

function createBudget(): ReserveMemory {
  let left = MAX_PAGE_MEMORY_BYTES
  return (bytes) => {
    left -= bytes
    if (left < 0) {
      throw new OversizedParquet(`a page of it takes more than ${MAX_PAGE_MEMORY_BYTES / 1024 / 1024} MiB to decode`)
    }
  }
}
