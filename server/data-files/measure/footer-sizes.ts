import 'server-only'
import type { IndexedField } from '@/lib/iceberg/schema/schema'
import type { ColumnChunk, ParquetFooter } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { DataFileSizes } from '@/server/db/catalog/data-file-sizes'
import { PLAIN_BYTES_KEY } from './plain-bytes-key'

/**
 * Sizes of a file that Lakeshore did not write, from its footer. Fixed-width values are exact. Strings and binaries are
 * exact when the footer has size statistics, and otherwise estimated from their pages.
 */
export function sizesFromFooter(footer: ParquetFooter, fields: ReadonlyMap<number, IndexedField>): DataFileSizes {
  let encodedBytes = 0
  let storedBytes = 0
  let plainBytes = 0
  let isEstimated = false
  const codecs = new Map<string, Set<string>>()
  for (const { columns } of footer.rowGroups) {
    for (const chunk of columns) {
      const leaf = footer.leaves[chunk.leaf]
      if (leaf === undefined) continue
      encodedBytes += chunk.encodedBytes
      storedBytes += chunk.storedBytes
      const plain = computePlainBytes(chunk, leaf)
      plainBytes += plain.bytes
      isEstimated ||= plain.isEstimated
      const name = (leaf.fieldId === null ? undefined : fields.get(leaf.fieldId))?.path.join('.') ?? leaf.path.join('.')
      codecs.set(name, (codecs.get(name) ?? new Set()).add(chunk.codec))
    }
  }
  const counted = readCountedBytes(footer)
  return {
    plainBytes: counted ?? plainBytes,
    plainSource: counted !== null ? 'counted' : isEstimated ? 'estimated' : 'size-statistics',
    encodedBytes,
    storedBytes,
    codecs: Object.fromEntries([...codecs].map(([name, chunkCodecs]) => [name, [...chunkCodecs].sort().join(', ')])),
  }
}

/** Our own ingest stores its count in the file, so that copies of the file have it too. */
function readCountedBytes({ keyValues }: ParquetFooter): number | null {
  const text = keyValues.find(({ key }) => key === PLAIN_BYTES_KEY)?.value ?? ''
  const bytes = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(bytes) ? bytes : null
}

const WIDTH_BYTES = { BOOLEAN: 1, INT32: 4, INT64: 8, INT96: 8, FLOAT: 4, DOUBLE: 8 } as const

/** The values of a column chunk, without encoding. */
export function computePlainBytes(chunk: ColumnChunk, leaf: SchemaNode): { bytes: number; isEstimated: boolean } {
  const nullCount = chunk.statistics?.nullCount ?? (leaf.maxDefinition === 0 ? 0 : null)
  const valueCount = chunk.valueCount - (nullCount ?? 0)
  const isCountExact = nullCount !== null
  const physicalType = leaf.leaf?.physicalType
  if (physicalType === 'BYTE_ARRAY') {
    if (chunk.byteArrayBytes !== null) return { bytes: chunk.byteArrayBytes, isEstimated: false }
    return { bytes: Math.round(valueCount * estimateValueLength(chunk)), isEstimated: true }
  }
  const width =
    physicalType === 'FIXED_LEN_BYTE_ARRAY' ? (leaf.leaf?.lengthBytes ?? 0) : WIDTH_BYTES[physicalType ?? 'INT64']
  return { bytes: valueCount * width, isEstimated: !isCountExact }
}

/**
 * Estimates the average length of a column's strings from the footer. Without a dictionary, pages store each value
 * after four bytes with its length. With a dictionary, the estimate is the mean of the column's bounds.
 */
function estimateValueLength({ encodings, encodedBytes, valueCount, statistics }: ColumnChunk): number {
  const hasDictionary = encodings.some((encoding) => encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY')
  if (!hasDictionary) return Math.max(0, encodedBytes / Math.max(1, valueCount) - 4)
  const bounds = [statistics?.min, statistics?.max].flatMap((bound) => (bound ? [bound.length] : []))
  if (bounds.length === 0) return Math.max(1, encodedBytes / Math.max(1, valueCount))
  return bounds.reduce((sum, length) => sum + length, 0) / bounds.length
}
