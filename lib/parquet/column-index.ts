import { DamagedParquet } from './errors'
import { readThrift } from './thrift'

export const BOUNDARY_ORDERS = ['unordered', 'ascending', 'descending'] as const

/** Bounds of the pages of a column chunk, in the order of its offset index. */
export type ColumnIndex = {
  pages: readonly PageBounds[]
  /** In which order the bounds of the pages are. */
  order: (typeof BOUNDARY_ORDERS)[number]
}

export type PageBounds = {
  /** Whether the page is said to have nothing but nulls, which bounds of it contradict. */
  isNull: boolean
  /** Plain values, possibly truncated; null for a page of nulls. */
  min: Uint8Array | null
  max: Uint8Array | null
  /** Null if the writer left the counts out. */
  nullCount: number | null
}

/**
 * Spec: parquet-format, *PageIndex.md* and `parquet.thrift`, *ColumnIndex*.
 *
 * @throws {DamagedParquet} when the lists have different lengths
 */
export function readColumnIndex(bytes: Uint8Array): ColumnIndex {
  const { struct } = readThrift(bytes)
  const nullPages = struct.bools(1) ?? []
  const minValues = struct.bytesList(2) ?? []
  const maxValues = struct.bytesList(3) ?? []
  const nullCounts = struct.ints(5)
  const pageCount = nullPages.length
  if (
    minValues.length !== pageCount ||
    maxValues.length !== pageCount ||
    (nullCounts?.length ?? pageCount) !== pageCount
  )
    throw new DamagedParquet('a column index has lists of different lengths')
  const order = BOUNDARY_ORDERS[struct.int(4) ?? 0]
  if (order === undefined) throw new DamagedParquet('a column index has an unknown order')
  return {
    order,
    pages: nullPages.map((isNull, i) => ({
      isNull,
      min: boundOf(isNull, minValues[i]),
      max: boundOf(isNull, maxValues[i]),
      nullCount: nullCounts?.[i] ?? null,
    })),
  }
}

/** The bounds of a page of nulls have no bytes. */
function boundOf(isNull: boolean, bytes: Uint8Array | undefined): Uint8Array | null {
  return bytes === undefined || (isNull && bytes.length === 0) ? null : bytes
}
