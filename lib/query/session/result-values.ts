import { type Data, DataType, DateUnit, Precision, TimeUnit, Vector } from 'apache-arrow'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { readArrowText } from '../arrow-text'

/**
 * DuckDB's results in the types and values of table rows, so that both are shown in the same way. Values are read from
 * Arrow's own buffers where its accessors would round them (decimals, times). Infinite dates and times become words.
 */

/** Types without a counterpart (intervals, unions, bits) become text. */
export function toIcebergType(type: DataType): Type {
  if (DataType.isBool(type)) return 'boolean'
  if (DataType.isInt(type)) {
    if (type.bitWidth === 64) return type.isSigned ? 'long' : 'decimal(20, 0)'
    return type.bitWidth === 32 && !type.isSigned ? 'long' : 'int'
  }
  if (DataType.isFloat(type)) return type.precision === Precision.DOUBLE ? 'double' : 'float'
  if (DataType.isDecimal(type)) return `decimal(${type.precision}, ${type.scale})`
  if (DataType.isDate(type)) return 'date'
  if (DataType.isTime(type)) return 'time'
  if (DataType.isTimestamp(type)) {
    if (type.timezone) return 'timestamptz'
    return type.unit === TimeUnit.NANOSECOND ? 'timestamp_ns' : 'timestamp'
  }
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) return 'binary'
  if (DataType.isStruct(type))
    return { type: 'struct', fields: type.children.map(({ name, type: child }, i) => toField(i, name, child)) }
  if (DataType.isList(type) || DataType.isFixedSizeList(type)) {
    const element = type.children[0]?.type
    return { type: 'list', elementId: 0, element: element ? toIcebergType(element) : 'unknown', elementRequired: false }
  }
  if (DataType.isMap(type)) {
    const entries: DataType | undefined = type.children[0]?.type
    const [key, value] = DataType.isStruct(entries) ? entries.children : []
    return {
      type: 'map',
      keyId: 0,
      key: key ? toIcebergType(key.type) : 'unknown',
      valueId: 1,
      value: value ? toIcebergType(value.type) : 'unknown',
      valueRequired: false,
    }
  }
  if (DataType.isDictionary(type)) return toIcebergType(type.dictionary)
  return 'string'
}

function toField(id: number, name: string, type: DataType): NestedField {
  return { id, name, required: false, type: toIcebergType(type) }
}

export function toRowValue(data: Data, index: number): RowValue | null {
  const type: DataType = data.type
  if (DataType.isNull(type) || !data.getValid(index)) return null
  if (DataType.isDecimal(type)) return readWideInteger(data.values, index, type.bitWidth / 32)
  if (DataType.isTimestamp(type))
    return infinityText(data.values[index], INFINITE_TIME) ?? toTimeUnits(data.values[index], type.unit)
  if (DataType.isTime(type)) return toTimeUnits(data.values[index], type.unit)
  if (DataType.isDate(type) && type.unit === DateUnit.DAY)
    return infinityText(data.values[index], INFINITE_DAY) ?? Number(data.values[index])
  if (DataType.isDate(type)) return toEpochDay(data.values[index])
  if (DataType.isInt(type)) return toInteger(data.values[index], type.bitWidth, type.isSigned)
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return readArrowText(data, index)
  if (DataType.isDictionary(type)) return readFromDictionary(data, index)
  if (DataType.isStruct(type)) return data.children.map((child) => toRowValue(child, index))
  if (DataType.isFixedSizeList(type))
    return listValues(data.children[0], index * type.listSize, (index + 1) * type.listSize)
  if (DataType.isList(type) || DataType.isMap(type))
    return listValues(data.children[0], Number(data.valueOffsets[index]), Number(data.valueOffsets[index + 1]))
  return toPlainValue(new Vector([data]).get(index))
}

/** A dictionary may come in several parts. */
function readFromDictionary({ values, dictionary }: Data, index: number): RowValue | null {
  let position = Number(values[index])
  for (const part of dictionary?.data ?? []) {
    if (position < part.length) return toRowValue(part, position)
    position -= part.length
  }
  return null
}

const INFINITE_DAY = 2n ** 31n - 1n
const INFINITE_TIME = 2n ** 63n - 1n

/** DuckDB's largest and smallest dates and times mean infinity; null for any other value. */
function infinityText(value: number | bigint, largest: bigint): string | null {
  if (BigInt(value) === largest) return 'infinity'
  return BigInt(value) === -largest ? '-infinity' : null
}

function listValues(child: Data | undefined, from: number, to: number): (RowValue | null)[] {
  if (!child) return []
  return Array.from({ length: to - from }, (_, i) => toRowValue(child, from + i))
}

function toPlainValue(value: unknown): RowValue | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'bigint' || value instanceof Uint8Array) return value
  if (value instanceof Int32Array) return intervalText(value)
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
}

function toInteger(value: number | bigint, bitWidth: number, isSigned: boolean): number | bigint {
  if (bitWidth === 64) return isSigned ? BigInt(value) : BigInt.asUintN(64, BigInt(value))
  return bitWidth === 32 && !isSigned ? BigInt(Number(value) >>> 0) : Number(value)
}

/** Little-endian words of 32 bits, two's complement. */
function readWideInteger(words: Uint32Array, index: number, width: number): bigint {
  let value = 0n
  for (let word = width - 1; word >= 0; word--) value = (value << 32n) | BigInt(words[index * width + word] ?? 0)
  return BigInt.asIntN(width * 32, value)
}

/** In microseconds; nanoseconds are unchanged. */
function toTimeUnits(value: number | bigint, unit: TimeUnit): bigint {
  if (unit === TimeUnit.SECOND) return BigInt(value) * 1_000_000n
  return unit === TimeUnit.MILLISECOND ? BigInt(value) * 1000n : BigInt(value)
}

function toEpochDay(ms: number | bigint): number {
  return Math.floor(Number(ms) / 86_400_000)
}

/** The parts are months, days, and nanoseconds as two words. */
function intervalText(parts: Int32Array): string {
  const [months = 0, days = 0, low = 0, high = 0] = parts
  const nanos = (BigInt(high) << 32n) | BigInt(low >>> 0)
  const seconds = Number(nanos / 1_000_000_000n)
  const texts = [
    months === 0 ? '' : `${months} months`,
    days === 0 ? '' : `${days} days`,
    nanos === 0n ? '' : `${seconds + Number(nanos % 1_000_000_000n) / 1e9} s`,
  ].filter(Boolean)
  return texts.length === 0 ? '0 days' : texts.join(' ')
}
