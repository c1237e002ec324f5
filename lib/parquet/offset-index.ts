import { readThrift } from './thrift'

/** Where a data page is in the file, and the row of the row group it begins with. */
export type PageLocation = { offset: number; storedBytes: number; firstRow: number }

/**
 * The pages of a column chunk, in order.
 *
 * Spec: parquet-format, *PageIndex.md*.
 */
export function readOffsetIndex(bytes: Uint8Array): PageLocation[] {
  return (readThrift(bytes).struct.structs(1) ?? []).map((location) => ({
    offset: location.count(1, "a page's offset"),
    storedBytes: location.count(2, "a page's length"),
    firstRow: location.count(3, "a page's first row"),
  }))
}
