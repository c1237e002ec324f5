import { jsonDouble, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { toBase64, toHex } from '@/lib/iceberg/schema/byte-text'
import { formatValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { DamagedParquet, OversizedParquet } from '@/lib/parquet/errors'

/**
 * Variants as JSON text. Integers and decimals have all their digits, a float or double always has a point or an
 * exponent. JSON has no other types: dates, times and UUIDs are their text, binaries base64, and NaN and the infinities
 * their names.
 *
 * Spec: parquet-format, *VariantEncoding.md*.
 */

/** The names of the fields of one variant, in the order of their ids. */
export type VariantMetadata = { readonly size: number; nameAt(id: number): string }

/** A field of an object: its name and its value as JSON. */
export type VariantField = readonly [name: string, json: string]

export type VariantLimits = {
  /** Gets the length of new text before it is created, and throws if that is too much. */
  reserveChars: (count: number) => void
}

const MAX_DEPTH = 200
const VERSION = 1

/** @throws {DamagedParquet} */
export function readVariantMetadata(bytes: Uint8Array): VariantMetadata {
  const header = byteAt(bytes, 0)
  if ((header & 0x0f) !== VERSION) throw new DamagedParquet(`a variant has the unknown version ${header & 0x0f}`)
  const width = (header >> 6) + 1
  const size = readUnsigned(bytes, 1, width)
  const textStart = 1 + width + width * (size + 1)
  if (textStart > bytes.length) throw cutOffError()
  const names = new Map<number, string>()
  return {
    size,
    nameAt(id) {
      if (id >= size) throw new DamagedParquet(`a variant has no field name ${id}`)
      const known = names.get(id)
      if (known !== undefined) return known
      const offsetAt = 1 + width + width * id
      const [start, end] = [readUnsigned(bytes, offsetAt, width), readUnsigned(bytes, offsetAt + width, width)]
      const name = decodeText(slice(bytes, textStart + start, end - start))
      names.set(id, name)
      return name
    },
  }
}

/**
 * One value as JSON.
 *
 * @throws {DamagedParquet}; {OversizedParquet} if it nests too deeply; what `reserveChars` throws
 */
export function variantJson(metadata: VariantMetadata, bytes: Uint8Array, limits: VariantLimits): string {
  return valueJson({ metadata, bytes, limits }, 0, 0)
}

/** The fields of an object, in its order; null if the value is not an object. Throws as {@link variantJson}. */
export function variantFields(
  metadata: VariantMetadata,
  bytes: Uint8Array,
  limits: VariantLimits,
): readonly VariantField[] | null {
  return (byteAt(bytes, 0) & 3) === OBJECT ? objectFields({ metadata, bytes, limits }, 0, 0) : null
}

/** An object of fields whose names differ. The text of the values is reserved already. */
export function variantObjectJson(fields: readonly VariantField[], { reserveChars }: VariantLimits): string {
  const parts = fields.map(([name, json]) => {
    reserveChars(name.length + 4)
    return `${JSON.stringify(name)}:${json}`
  })
  return `{${parts.join(',')}}`
}

export function variantArrayJson(items: readonly string[], { reserveChars }: VariantLimits): string {
  reserveChars(items.length + 2)
  return `[${items.join(',')}]`
}

/** A value of an Iceberg type as JSON, as in a variant. A string that is not UTF-8 is damaged. */
export function primitiveVariantJson(type: PrimitiveType, value: Value, { reserveChars }: VariantLimits): string {
  if (typeof value === 'boolean') return String(value)
  if (value instanceof Uint8Array) {
    if (type === 'string') throw new DamagedParquet('a string of a variant is not UTF-8')
    reserveChars(Math.ceil(value.length / 3) * 4)
    return JSON.stringify(toBase64(value))
  }
  if (typeof value === 'string') {
    reserveChars(value.length)
    return JSON.stringify(value)
  }
  if (type === 'float') return floatJson('float', Number(value))
  if (type === 'double') return floatJson('double', Number(value))
  const text = formatValue(type, value)
  reserveChars(text.length)
  return type === 'int' || type === 'long' || type.startsWith('decimal') ? text : JSON.stringify(text)
}

function floatJson(type: 'float' | 'double', value: number): string {
  if (!Number.isFinite(value)) return JSON.stringify(String(value))
  return stringifyExactJson(jsonDouble(Number(formatValue(type, value))))
}

type Reading = { metadata: VariantMetadata; bytes: Uint8Array; limits: VariantLimits }

const PRIMITIVE = 0
const SHORT_STRING = 1
const OBJECT = 2

function valueJson(reading: Reading, at: number, depth: number): string {
  const { bytes, limits } = reading
  const head = byteAt(bytes, at)
  const detail = head >> 2
  limits.reserveChars(1)
  switch (head & 3) {
    case PRIMITIVE:
      return primitiveJson(bytes, at + 1, detail, limits)
    case SHORT_STRING:
      return primitiveVariantJson('string', decodeText(slice(bytes, at + 1, detail)), limits)
    case OBJECT:
      return variantObjectJson(objectFields(reading, at, depth), limits)
    default:
      return variantArrayJson(arrayItems(reading, at, depth), limits)
  }
}

function objectFields(reading: Reading, at: number, depth: number): VariantField[] {
  const { bytes, metadata } = reading
  const detail = byteAt(bytes, at) >> 2
  const countWidth = (detail & 16) === 0 ? 1 : 4
  const idWidth = ((detail >> 2) & 3) + 1
  const offsetWidth = (detail & 3) + 1
  const count = readUnsigned(bytes, at + 1, countWidth)
  const idsAt = at + 1 + countWidth
  const offsetsAt = idsAt + count * idWidth
  const names = new Set<string>()
  return readItems(reading, { count, offsetsAt, offsetWidth, depth }, (i, json) => {
    const name = metadata.nameAt(readUnsigned(bytes, idsAt + i * idWidth, idWidth))
    if (names.has(name)) throw new DamagedParquet('an object of a variant has two fields of one name')
    names.add(name)
    return [name, json] as const
  })
}

function arrayItems(reading: Reading, at: number, depth: number): string[] {
  const detail = byteAt(reading.bytes, at) >> 2
  const countWidth = (detail & 4) === 0 ? 1 : 4
  const offsetWidth = (detail & 3) + 1
  const count = readUnsigned(reading.bytes, at + 1, countWidth)
  return readItems(reading, { count, offsetsAt: at + 1 + countWidth, offsetWidth, depth }, (_, json) => json)
}

type ItemLayout = { count: number; offsetsAt: number; offsetWidth: number; depth: number }

/** Offsets may point to one value more than once; the limit on characters bounds what that expands to. */
function readItems<T>(
  reading: Reading,
  { count, offsetsAt, offsetWidth, depth }: ItemLayout,
  toItem: (index: number, json: string) => T,
): T[] {
  const { bytes } = reading
  if (depth >= MAX_DEPTH) throw new OversizedParquet(`a variant nests deeper than ${MAX_DEPTH}`)
  const itemsAt = offsetsAt + (count + 1) * offsetWidth
  if (itemsAt > bytes.length) throw cutOffError()
  const endAt = itemsAt + readUnsigned(bytes, offsetsAt + count * offsetWidth, offsetWidth)
  if (endAt > bytes.length) throw cutOffError()
  // A value cannot reach beyond the object or array that contains it.
  const inside = { ...reading, bytes: bytes.subarray(0, endAt) }
  const items: T[] = []
  for (let i = 0; i < count; i++) {
    const itemAt = itemsAt + readUnsigned(bytes, offsetsAt + i * offsetWidth, offsetWidth)
    items.push(toItem(i, valueJson(inside, itemAt, depth + 1)))
  }
  return items
}

function primitiveJson(bytes: Uint8Array, at: number, kind: number, limits: VariantLimits): string {
  const json = (type: PrimitiveType, value: Value) => primitiveVariantJson(type, value, limits)
  switch (kind) {
    case 0:
      limits.reserveChars(4)
      return 'null'
    case 1:
    case 2:
      return String(kind === 1)
    case 3:
    case 4:
    case 5:
    case 6:
      return json('long', readSigned(bytes, at, 1 << (kind - 3)))
    case 7:
      return json('double', viewOf(bytes, at, 8).getFloat64(0, true))
    case 8:
    case 9:
    case 10: {
      const scale = byteAt(bytes, at)
      if (scale > 38) throw new DamagedParquet(`a decimal of a variant has the scale ${scale}`)
      return json(`decimal(38, ${scale})`, readSigned(bytes, at + 1, 4 << (kind - 8)))
    }
    case 11:
      return json('date', Number(readSigned(bytes, at, 4)))
    case 12:
      return json('timestamptz', readSigned(bytes, at, 8))
    case 13:
      return json('timestamp', readSigned(bytes, at, 8))
    case 14:
      return json('float', viewOf(bytes, at, 4).getFloat32(0, true))
    case 15:
      return json('binary', readSized(bytes, at))
    case 16:
      return json('string', decodeText(readSized(bytes, at)))
    case 17: {
      const micros = readSigned(bytes, at, 8)
      if (micros < 0n || micros >= 86_400_000_000n) throw new DamagedParquet('a time of a variant is not within a day')
      return json('time', micros)
    }
    case 18:
      return json('timestamptz_ns', readSigned(bytes, at, 8))
    case 19:
      return json('timestamp_ns', readSigned(bytes, at, 8))
    case 20:
      return json('uuid', toUuid(slice(bytes, at, 16)))
    default:
      throw new DamagedParquet(`a variant has a value of the unknown type ${kind}`)
  }
}

function toUuid(bytes: Uint8Array): string {
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function readSized(bytes: Uint8Array, at: number): Uint8Array {
  return slice(bytes, at + 4, readUnsigned(bytes, at, 4))
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw cutOffError()
  return byte
}

/** Little-endian, of 1 to 4 bytes. */
function readUnsigned(bytes: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let i = width - 1; i >= 0; i--) value = value * 256 + byteAt(bytes, at + i)
  return value
}

function readSigned(bytes: Uint8Array, at: number, width: number): bigint {
  let value = 0n
  for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(byteAt(bytes, at + i))
  return BigInt.asIntN(width * 8, value)
}

function viewOf(bytes: Uint8Array, at: number, length: number): DataView {
  const part = slice(bytes, at, length)
  return new DataView(part.buffer, part.byteOffset, length)
}

function slice(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (length < 0 || at + length > bytes.length) throw cutOffError()
  return bytes.subarray(at, at + length)
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes)
  } catch (cause) {
    throw new DamagedParquet('a string of a variant is not UTF-8', { cause })
  }
}

function cutOffError(): DamagedParquet {
  return new DamagedParquet('a variant ends before its values do')
}
