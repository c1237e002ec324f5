import { fixedWidthBytes } from '@/lib/iceberg/schema/fixed-width'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { joinSpans, type Span } from '@/lib/scan/counted-source'
import type { ColumnSize, FooterSummary, RowGroupSummary } from './decode-messages'

/** The cost of loading columns. `storedBytes` are those that are read of the file. `decodedBytes` is an estimate: dictionaries and nesting hide the width of values. */
export type LoadSize = { storedBytes: number; decodedBytes: number; rowCount: number }

const ZERO_SIZE: LoadSize = { storedBytes: 0, decodedBytes: 0, rowCount: 0 }

/** How columns are read: from which position a file is cached, and the columns that a filter compares, if there is one. */
type Reading = { cachedFrom?: number | undefined; comparedIds?: ReadonlySet<number> | null }

export function rowGroupSize(
  { rowCount, columns, storedTogetherBytes }: RowGroupSummary,
  fields: readonly NestedField[],
  reading: Reading = {},
): LoadSize {
  const sizes = new Map(columns.map((column) => [column.fieldId, column]))
  const size = fields.reduce<LoadSize>(
    (sum, { id, type }) => {
      const size = sizes.get(id)
      return {
        rowCount,
        storedBytes: sum.storedBytes + (size && !size.spans ? size.storedBytes : 0),
        decodedBytes: sum.decodedBytes + estimateDecodedBytes(type, rowCount, size),
      }
    },
    { ...ZERO_SIZE, rowCount },
  )
  if (storedTogetherBytes !== undefined) return { ...size, storedBytes: storedTogetherBytes }
  const read = fields.flatMap(({ id }) => sizes.get(id) ?? [])
  return { ...size, storedBytes: size.storedBytes + readBytes(read, reading) }
}

/**
 * Bytes that are read for columns of a row group, at most: gaps that are read along, and with a filter the indexes, too.
 */
function readBytes(columns: readonly ColumnSize[], { cachedFrom, comparedIds = null }: Reading): number {
  const requested = (spans: readonly Span[]) =>
    joinSpans(spans.filter(({ start, end }) => end > start)).reduce(
      (sum, { start, end }) => sum + Math.max(0, Math.min(end, cachedFrom ?? end) - start),
      0,
    )
  const chunkBytes = requested(columns.flatMap(({ spans }) => spans?.chunks ?? []))
  if (comparedIds === null) return chunkBytes
  const indexBytes = columns
    .filter(({ fieldId }) => comparedIds.has(fieldId))
    .reduce((sum, { spans }) => sum + requested(spans?.filterIndexes ?? []), 0)
  return chunkBytes + indexBytes + requested(columns.flatMap(({ spans }) => spans?.offsetIndexes ?? []))
}

export function sumFooterSizes(
  footers: readonly FooterSummary[],
  fields: readonly NestedField[],
  comparedIds: ReadonlySet<number> | null = null,
): LoadSize {
  return footers
    .flatMap(({ rowGroups, cachedFrom }) =>
      rowGroups.map((group) => rowGroupSize(group, fields, { cachedFrom, comparedIds })),
    )
    .reduce(addSizes, ZERO_SIZE)
}

/** Ratio of decoded to stored bytes for variable-length values that are well encoded and compressed. */
const MAX_EXPANSION = 16

/** The largest size that columns may have, as far as row count and length of their files show. */
export function maxDecodedBytes(columns: readonly NestedField[], rowCount: number, fileBytes: number): number {
  const widths = columns.map(({ type }) => valueWidthBytes(type))
  const fixedBytes = rowCount * widths.reduce<number>((sum, width) => sum + (width ?? 0), 0)
  return fixedBytes + (widths.includes(null) ? fileBytes * MAX_EXPANSION : 0)
}

/** The smallest size that columns can have with this number of rows. */
export function minDecodedBytes(columns: readonly NestedField[], rowCount: number): number {
  return rowCount * columns.reduce((sum, { type }) => sum + (valueWidthBytes(type) ?? 0), 0)
}

function addSizes(a: LoadSize, b: LoadSize): LoadSize {
  return {
    storedBytes: a.storedBytes + b.storedBytes,
    decodedBytes: a.decodedBytes + b.decodedBytes,
    rowCount: a.rowCount + b.rowCount,
  }
}

/** DuckDB needs 16 bytes per text in addition to its bytes. */
const TEXT_OVERHEAD_BYTES = 16
/** Used when the writer did not count the bytes of texts: decoding repeats the values of a dictionary. */
const UNCOUNTED_TEXT_BYTES = 8
const NESTED_FACTOR = 4

function estimateDecodedBytes(type: Type, rowCount: number, size: ColumnSize | undefined): number {
  const width = valueWidthBytes(type)
  if (width !== null) return rowCount * width
  if (!size) return rowCount
  if (typeof type === 'string') {
    const texts = size.byteArrayBytes ?? Math.max(size.encodedBytes, rowCount * UNCOUNTED_TEXT_BYTES)
    return rowCount * TEXT_OVERHEAD_BYTES + texts
  }
  return Math.max(rowCount * TEXT_OVERHEAD_BYTES, size.encodedBytes * NESTED_FACTOR)
}

/** Bytes of one value in DuckDB, or null for variable-length values. */
function valueWidthBytes(type: Type): number | null {
  if (typeof type !== 'string') return null
  // Arrow passes decimals in 16 bytes, whatever their precision, and a column of nulls as int.
  if (type.startsWith('decimal')) return 16
  return type === 'unknown' ? 4 : fixedWidthBytes(type)
}
