import type { Indexes } from '../hybrid'
import { valueCount, type Values } from '../values'
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
  if (start === end) return null
  if (values.kind === 'numbers' && !isUnsigned(order)) return findNumbers(values.data, start, end)
  if (values.kind === 'longs') return findLongs(values.data, { start, end }, isUnsigned(order))
  if (values.kind === 'booleans') return findBooleans(values.data, start, end)
  if (values.kind === 'byteArrays' && order.kind === 'bytes') return findByteArrays(values, start, end)
  const compare = comparisonOf(values, order)
  let [min, max] = [start, start]
  for (let i = start + 1; i < end; i++) {
    if (compare(i, min) < 0) min = i
    else if (compare(i, max) > 0) max = i
  }
  return { min, max }
}

/**
 * Compares each value with the lowest and then with the highest, from the byte on up to which it is known to be equal:
 * as long as it is equal to the lowest, and the lowest to the highest.
 */
function findByteArrays({ bytes, starts, ends }: ByteArrays, start: number, end: number): Found {
  let [min, max] = [start, start]
  let [minStart, minEnd] = [starts[start] ?? 0, ends[start] ?? 0]
  let [maxStart, maxEnd] = [minStart, minEnd]
  let sharedBytes = minEnd - minStart
  for (let i = start + 1; i < end; i++) {
    const from = starts[i] ?? 0
    const lengthBytes = (ends[i] ?? 0) - from
    const equalBytes = countEqual(bytes, from, lengthBytes, minStart, minEnd - minStart, 0)
    if (isBelow(bytes, from, lengthBytes, minStart, minEnd - minStart, equalBytes)) {
      min = i
      minStart = from
      minEnd = from + lengthBytes
      sharedBytes = countEqual(bytes, minStart, lengthBytes, maxStart, maxEnd - maxStart, 0)
      continue
    }
    const known = Math.min(equalBytes, sharedBytes)
    const equalToMax = countEqual(bytes, from, lengthBytes, maxStart, maxEnd - maxStart, known)
    if (isBelow(bytes, maxStart, maxEnd - maxStart, from, lengthBytes, equalToMax)) {
      max = i
      maxStart = from
      maxEnd = from + lengthBytes
      sharedBytes = equalBytes
    }
  }
  return { min, max }
}

type ByteArrays = Extract<Values, { kind: 'byteArrays' }>

/** How many bytes two values have in common at their beginning, of which `known` are known. */
function countEqual(bytes: Uint8Array, a: number, aBytes: number, b: number, bBytes: number, known: number): number {
  const length = aBytes < bBytes ? aBytes : bBytes
  let at = known
  while (at < length && bytes[a + at] === bytes[b + at]) at++
  return at
}

function isBelow(bytes: Uint8Array, a: number, aBytes: number, b: number, bBytes: number, equal: number): boolean {
  if (equal === aBytes || equal === bBytes) return aBytes < bBytes
  return (bytes[a + equal] ?? 0) < (bytes[b + equal] ?? 0)
}

function findBooleans(data: Uint8Array, start: number, end: number): Found {
  const range = data.subarray(start, end)
  const [firstFalse, firstTrue] = [range.indexOf(0), range.indexOf(1)]
  return {
    min: start + (firstFalse < 0 ? firstTrue : firstFalse),
    max: start + (firstTrue < 0 ? firstFalse : firstTrue),
  }
}

/** NaN is not below or above any value. */
function findNumbers(data: Int32Array | Float32Array | Float64Array, start: number, end: number): Found | null {
  let first = start
  while (first < end && Number.isNaN(data[first])) first++
  if (first === end) return null
  let [min, max] = [first, first]
  let [lowest, highest] = [data[first] ?? 0, data[first] ?? 0]
  for (let i = first + 1; i < end; i++) {
    const value = data[i] ?? 0
    if (value < lowest) {
      lowest = value
      min = i
    } else if (value > highest) {
      highest = value
      max = i
    }
  }
  return { min, max }
}

/** As two halves, because a bigint for each comparison is slow. */
function findLongs(
  { buffer, byteOffset, length }: BigInt64Array,
  { start, end }: ValueRange,
  isUnsignedLong: boolean,
): Found {
  const halves = new Uint32Array(buffer, byteOffset, length * 2)
  const flip = isUnsignedLong ? 0 : 0x80000000
  let [min, max] = [start, start]
  let [minHigh, minLow] = [((halves[2 * start + 1] ?? 0) ^ flip) >>> 0, halves[2 * start] ?? 0]
  let [maxHigh, maxLow] = [minHigh, minLow]
  for (let i = start + 1; i < end; i++) {
    const high = ((halves[2 * i + 1] ?? 0) ^ flip) >>> 0
    const low = halves[2 * i] ?? 0
    if (high < minHigh || (high === minHigh && low < minLow)) {
      min = i
      minHigh = high
      minLow = low
    } else if (high > maxHigh || (high === maxHigh && low > maxLow)) {
      max = i
      maxHigh = high
      maxLow = low
    }
  }
  return { min, max }
}

/** As two halves that compare as unsigned numbers, because a bigint for each comparison is slow. */
function halvesOf({ buffer, byteOffset, length }: BigInt64Array, isUnsignedLong: boolean) {
  const halves = new Uint32Array(buffer, byteOffset, length * 2)
  const flip = isUnsignedLong ? 0 : 0x80000000
  return {
    high: (i: number) => ((halves[2 * i + 1] ?? 0) ^ flip) >>> 0,
    low: (i: number) => halves[2 * i] ?? 0,
  }
}

function isUnsigned(order: ValueOrder): boolean {
  return (order.kind === 'int32' || order.kind === 'int64') && !order.isSigned
}

/** Compares each entry of the dictionary once. */
function findIndexed(
  indexes: Indexes,
  dictionary: Values,
  { start, end }: ValueRange,
  order: ValueOrder,
): Found | null {
  const compare = comparisonOf(dictionary, order)
  const isNumber = isNumberOf(dictionary)
  const isSeen = new Uint8Array(valueCount(dictionary))
  for (let i = start; i < end; i++) isSeen[indexes[i] ?? 0] = 1
  let [min, max] = [-1, -1]
  for (let index = isSeen.indexOf(1); index >= 0; index = isSeen.indexOf(1, index + 1)) {
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
  switch (values.kind) {
    case 'booleans': {
      const { data } = values
      return (a, b) => (data[a] ?? 0) - (data[b] ?? 0)
    }
    case 'numbers': {
      const { data } = values
      if (isUnsigned(order)) return (a, b) => ((data[a] ?? 0) >>> 0) - ((data[b] ?? 0) >>> 0)
      return (a, b) => compareNumbers(data[a] ?? 0, data[b] ?? 0)
    }
    case 'longs': {
      const halves = halvesOf(values.data, isUnsigned(order))
      return (a, b) => halves.high(a) - halves.high(b) || halves.low(a) - halves.low(b)
    }
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

/** Readers may not distinguish zeros, so a lowest zero is -0 and a highest one +0 (`parquet.thrift`, *ColumnOrder*). */
function setSignOfZero({ min, max }: Extremes): void {
  if (readFloat(min) === 0) min[min.length - 1] = 0x80
  if (readFloat(max) === 0) max[max.length - 1] = 0
}
