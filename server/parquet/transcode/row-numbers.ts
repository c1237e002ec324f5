import 'server-only'
import { DamagedParquet } from '@/lib/parquet/errors'

/** A 64-bit integer for each row of a file. */
export type RowNumbers = {
  /** Number of the first row of the file. */
  first: bigint
  /** Whether each row has one more than the row before, or all have the same. */
  counts: boolean
}

/**
 * The numbers of a row and of those after it.
 *
 * @param row in the file
 * @throws {DamagedParquet} if they do not fit in 64 bits, which would wrap around
 */
export function listRowNumbers({ first, counts }: RowNumbers, row: number, count: number): BigInt64Array {
  const start = counts ? first + BigInt(row) : first
  const last = counts ? start + BigInt(count) : start
  if (last >= 2n ** 63n) throw new DamagedParquet('its row ids do not fit in 64 bits')
  const numbers = new BigInt64Array(count)
  for (let i = 0; i < count; i++) numbers[i] = counts ? start + BigInt(i) : start
  return numbers
}
