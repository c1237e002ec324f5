import { compareValues, type ValueOrder } from './value-order'
import { i32, i64, thriftBoolean, thriftBytes, thriftList, thriftStruct, writeThriftStruct } from './thrift-writer'

/** A data page that was written, with its bounds. */
export type WrittenPage = {
  offset: number
  /** With its header. */
  storedBytes: number
  /** Within the row group. */
  firstRow: number
  nullCount: number
  /** Total bytes of its strings and binaries; null for other types. */
  byteArrayBytes: number | null
  /** Null if no value can be ordered: all are null, or NaN. */
  bounds: { min: Uint8Array; max: Uint8Array } | null
  /** Whether every value is null. */
  isNull: boolean
}

const BOUNDARY_ORDER = { unordered: 0, ascending: 1, descending: 2 }

/** Spec: parquet-format, *PageIndex.md* and `parquet.thrift`, *OffsetIndex*. */
export function encodeOffsetIndex(pages: readonly WrittenPage[]): Uint8Array {
  const hasByteArrays = pages.every(({ byteArrayBytes }) => byteArrayBytes !== null)
  return writeThriftStruct({
    1: thriftList(
      'struct',
      pages.map(({ offset, storedBytes, firstRow }) =>
        thriftStruct({ 1: i64(offset), 2: i32(storedBytes), 3: i64(firstRow) }),
      ),
    ),
    2: hasByteArrays
      ? thriftList(
          'i64',
          pages.map(({ byteArrayBytes }) => i64(byteArrayBytes ?? 0)),
        )
      : undefined,
  })
}

/**
 * Spec: parquet-format, *PageIndex.md* and `parquet.thrift`, *ColumnIndex*.
 *
 * @returns null if a page has values but no bounds
 */
export function encodeColumnIndex(pages: readonly WrittenPage[], order: ValueOrder): Uint8Array | null {
  if (pages.some(({ bounds, isNull }) => bounds === null && !isNull)) return null
  const empty = new Uint8Array(0)
  return writeThriftStruct({
    1: thriftList(
      'boolean',
      pages.map(({ isNull }) => thriftBoolean(isNull)),
    ),
    2: thriftList(
      'bytes',
      pages.map(({ bounds }) => thriftBytes(bounds?.min ?? empty)),
    ),
    3: thriftList(
      'bytes',
      pages.map(({ bounds }) => thriftBytes(bounds?.max ?? empty)),
    ),
    4: i32(BOUNDARY_ORDER[boundaryOrder(pages, order)]),
    5: thriftList(
      'i64',
      pages.map(({ nullCount }) => i64(nullCount)),
    ),
  })
}

/** Pages of nulls have no part in it. */
function boundaryOrder(pages: readonly WrittenPage[], order: ValueOrder): keyof typeof BOUNDARY_ORDER {
  const bounds = pages.flatMap((page) => page.bounds ?? [])
  const isOrdered = (sign: 1 | -1) =>
    bounds.every((page, i) => {
      const previous = bounds[i - 1]
      return (
        previous === undefined ||
        (sign * compareValues(order, page.min, previous.min) >= 0 &&
          sign * compareValues(order, page.max, previous.max) >= 0)
      )
    })
  return isOrdered(1) ? 'ascending' : isOrdered(-1) ? 'descending' : 'unordered'
}
