import { fixedWidthBytes } from '@/lib/iceberg/schema/fixed-width'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { ColumnSize, FooterSummary, RowGroupSummary } from './decode-messages'

/** The cost of loading columns. `decodedBytes` is an estimate: dictionaries and nesting hide the width of values. */
export type LoadSize = { storedBytes: number; decodedBytes: number; rowCount: number }

const ZERO_SIZE: LoadSize = { storedBytes: 0, decodedBytes: 0, rowCount: 0 }

export function rowGroupSize(
  { rowCount, columns, storedTogetherBytes }: RowGroupSummary,
  fields: readonly NestedField[],
): LoadSize {
  const sizes = new Map(columns.map((column) => [column.fieldId, column]))
  const size = fields.reduce<LoadSize>(
    (sum, { id, type }) => {
      const size = sizes.get(id)
      return {
        rowCount,
        storedBytes: sum.storedBytes + (size?.storedBytes ?? 0),
        decodedBytes: sum.decodedBytes + estimateDecodedBytes(type, rowCount, size),
      }
    },
    { ...ZERO_SIZE, rowCount },
  )
  return storedTogetherBytes === undefined ? size : { ...size, storedBytes: storedTogetherBytes }
}

export function sumFooterSizes(footers: readonly FooterSummary[], fields: readonly NestedField[]): LoadSize {
  return footers
    .flatMap(({ rowGroups }) => rowGroups)
    .map((group) => rowGroupSize(group, fields))
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
