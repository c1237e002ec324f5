import type { Values } from '../values'
import { plainValueAt, type ValueRange } from './encode-values'
import { compareBytes, compareDecimals, readFloat, type ValueOrder } from './value-order'

/** The lowest and the highest of some values, in the PLAIN encoding without a length. */
export type Extremes = { min: Uint8Array; max: Uint8Array }

/** A comparison of values by their index. */
type Compare = (a: number, b: number) => number

/** @returns null if there is no value, or none but NaN */
export function findExtremes(values: Values, { start, end }: ValueRange, order: ValueOrder): Extremes | null {
  const found =
    values.kind === 'indexed'
      ? findIndexed(values.indexes, values.dictionary, { start, end }, order)
      : findInRange(values, { start, end }, order)
  if (found === null) return null
  const source = values.kind === 'indexed' ? values.dictionary : values
  const extremes = { min: plainValueAt(source, found.min), max: plainValueAt(source, found.max) }
  if (order.kind === 'floats') setSignOfZero(extremes)
  return extremes
}

type Found = { min: number; max: number }

function findInRange(values: Values, { start, end }: ValueRange, order: ValueOrder): Found | null {
  const compare = comparisonOf(values, order)
  const isNumber = isNumberOf(values)
  let first = start
  while (first < end && !isNumber(first)) first++
  if (first === end) return null
  let [min, max] = [first, first]
  for (let i = first + 1; i < end; i++) {
    if (!isNumber(i)) continue
    if (compare(i, min) < 0) min = i
    else if (compare(i, max) > 0) max = i
  }
  return { min, max }
}

/** Compares each entry of the dictionary once. */
function findIndexed(
  indexes: Uint32Array,
  dictionary: Values,
  { start, end }: ValueRange,
  order: ValueOrder,
): Found | null {
  const compare = comparisonOf(dictionary, order)
  const isNumber = isNumberOf(dictionary)
  const seen = new Set<number>()
  let [min, max] = [-1, -1]
  let last = -1
  for (let i = start; i < end; i++) {
    const index = indexes[i] ?? 0
    if (index === last || seen.has(index)) continue
    last = index
    seen.add(index)
    if (!isNumber(index)) continue
    if (min < 0 || compare(index, min) < 0) min = index
    if (max < 0 || compare(index, max) > 0) max = index
  }
  return min < 0 ? null : { min, max }
}

function isNumberOf(values: Values): (index: number) => boolean {
  if (values.kind !== 'numbers' || values.data instanceof Int32Array) return () => true
  const { data } = values
  return (index) => !Number.isNaN(data[index])
}

function comparisonOf(values: Values, order: ValueOrder): Compare {
  const isUnsigned = (order.kind === 'int32' || order.kind === 'int64') && !order.isSigned
  switch (values.kind) {
    case 'booleans': {
      const { data } = values
      return (a, b) => (data[a] ?? 0) - (data[b] ?? 0)
    }
    case 'numbers': {
      const { data } = values
      if (isUnsigned) return (a, b) => ((data[a] ?? 0) >>> 0) - ((data[b] ?? 0) >>> 0)
      return (a, b) => compareNumbers(data[a] ?? 0, data[b] ?? 0)
    }
    case 'longs':
      return compareLongs(values.data, isUnsigned)
    case 'byteArrays': {
      const { bytes, starts, ends } = values
      const compare = order.kind === 'decimals' ? compareDecimals : compareBytes
      return (a, b) => compare(bytes, starts[a] ?? 0, ends[a] ?? 0, bytes, starts[b] ?? 0, ends[b] ?? 0)
    }
    case 'fixed': {
      const { bytes, lengthBytes: width } = values
      const compare = order.kind === 'decimals' ? compareDecimals : compareBytes
      return (a, b) => compare(bytes, a * width, (a + 1) * width, bytes, b * width, (b + 1) * width)
    }
    case 'indexed':
    case 'joined':
      throw new Error(`values that are ${values.kind} are compared by their parts`)
  }
}

/** Not a difference, because that of infinities is NaN. */
function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** As two halves, because a bigint for each comparison is slow. */
function compareLongs({ buffer, byteOffset, length }: BigInt64Array, isUnsigned: boolean): Compare {
  const high = new Int32Array(buffer, byteOffset, length * 2)
  const low = new Uint32Array(buffer, byteOffset, length * 2)
  return (a, b) => {
    const [highA, highB] = [high[2 * a + 1] ?? 0, high[2 * b + 1] ?? 0]
    if (highA !== highB) return isUnsigned ? (highA >>> 0) - (highB >>> 0) : highA - highB
    return (low[2 * a] ?? 0) - (low[2 * b] ?? 0)
  }
}

/** Readers may not distinguish zeros, so a lowest zero is -0 and a highest one +0 (`parquet.thrift`, *ColumnOrder*). */
function setSignOfZero({ min, max }: Extremes): void {
  if (readFloat(min) === 0) min[min.length - 1] = 0x80
  if (readFloat(max) === 0) max[max.length - 1] = 0
}
