import { readThrift } from './thrift'

/** The location of a data page in the file, and its first row within the row group. */
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
