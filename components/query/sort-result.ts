import type { RowValue } from '@/lib/scan/read/row-values'

type SortKey = string | number | bigint | boolean | null

/**
 * The indices of rows in the order of a column. The sort is stable; nulls come last in both directions.
 *
 * @param valueAt a value of a primitive type
 */
export function sortRows(
  rowCount: number,
  valueAt: (row: number) => RowValue | null,
  isDescending: boolean,
): Uint32Array {
  const keys = Array.from({ length: rowCount }, (_, row) => toKey(valueAt(row)))
  const sign = isDescending ? -1 : 1
  return Uint32Array.from({ length: rowCount }, (_, row) => row).sort((a, b) => {
    const left = keys[a] ?? null
    const right = keys[b] ?? null
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1
    return sign * compare(left, right)
  })
}

function toKey(value: RowValue | null): SortKey {
  // Bytes compare like their hexadecimal digits.
  if (value instanceof Uint8Array) return Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return typeof value === 'object' ? null : value
}

/** As DuckDB does: NaN is above all numbers. Infinite dates, which are words, are at either end. */
function compare(left: NonNullable<SortKey>, right: NonNullable<SortKey>): number {
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0
  const [a, b] = [toNumber(left), toNumber(right)]
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a < b ? -1 : a > b ? 1 : 0
}

/** Exact: bigint stays, and JavaScript compares it with numbers exactly. */
function toNumber(value: NonNullable<SortKey>): number | bigint {
  if (typeof value === 'string') return value === '-infinity' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return typeof value === 'boolean' ? Number(value) : value
}
