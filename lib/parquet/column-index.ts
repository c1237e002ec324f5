import { DamagedParquet } from './errors'
import { readThrift } from './thrift'

/** What the column index says about one page. */
export type PageStatistics = {
  /** Whether it has nulls only; its bounds are then meaningless. */
  isNullPage: boolean
  /** In the plain encoding of the column's physical type, without a length; may be truncated. */
  min: Uint8Array
  max: Uint8Array
  nullCount: number | null
}

/**
 * Statistics of the pages of a column chunk, in order.
 *
 * Spec: parquet-format, *PageIndex.md*.
 */
export function readColumnIndex(bytes: Uint8Array): PageStatistics[] {
  const { struct } = readThrift(bytes)
  const [nullPages, mins, maxes] = [struct.bools(1) ?? [], struct.bytesList(2) ?? [], struct.bytesList(3) ?? []]
  const nullCounts = struct.ints(5)
  if (mins.length !== nullPages.length || maxes.length !== nullPages.length) {
    throw new DamagedParquet('a column index has bounds for more or fewer pages than it lists')
  }
  return nullPages.map((isNullPage, i) => ({
    isNullPage,
    min: mins[i] ?? new Uint8Array(),
    max: maxes[i] ?? new Uint8Array(),
    nullCount: nullCounts?.[i] ?? null,
  }))
}
