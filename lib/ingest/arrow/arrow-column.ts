import { halfFloat } from '@/lib/parquet/half-float'
import type { JsonToken } from '../json-tokens'
import { mapKey, type RecordReading } from '../value-reader'
import {
  booleanToken,
  bytesToken,
  dateToken,
  decimalToken,
  doubleToken,
  floatToken,
  integerToken,
  NULL_TOKEN,
  stringToken,
  timestampToken,
  timeToken,
  uuidToken,
} from '../value-tokens'
import type { ArrowBatch } from './arrow-batch'
import type { ArrowField, ArrowType } from './arrow-schema'
import { toSize } from './flat-table'

/**
 * Columns of a record batch. A column is built once for a batch, which checks that its buffers are long enough for its
 * rows; offsets inside them are checked when they are followed.
 *
 * Spec: Arrow Columnar Format, *Physical Memory Layout*.
 */
export type ArrowColumn = {
  length: number
  /** @throws {RangeError} when offsets in the buffers are wrong */
  read: (index: number, reading: RecordReading) => JsonToken
}

/** The values of dictionaries, by their ids; the parts of one follow one another. */
export type ArrowDictionaries = ReadonlyMap<bigint, readonly ArrowColumn[]>

type ValueReader = ArrowColumn['read']

const MS_PER_DAY = 86_400_000n
const VIEW_BYTES = 16
const MAX_INLINE_BYTES = 12

/** @param at the path of the field, for problems of records */
export function createArrowColumn(
  batch: ArrowBatch,
  field: ArrowField,
  dictionaries: ArrowDictionaries,
  at = field.name,
): ArrowColumn {
  const { type, dictionary } = field
  const { length, nullCount } = batch.takeNode()
  if (dictionary !== null) {
    const validity = takeValidity(batch, length, nullCount)
    const indexes = createIntegers(takeValues(batch, length, dictionary.indexType.bits / 8), dictionary.indexType)
    return withNulls(length, validity, createDictionaryReader(indexes, dictionary.id, dictionaries, at))
  }
  if (type.kind === 'null') return { length, read: () => NULL_TOKEN }
  if (type.kind === 'unloadable') {
    batch.skipBuffers(type.bufferCount)
    for (const child of field.children) createArrowColumn(batch, child, dictionaries, `${at}.${child.name}`)
    return { length, read: () => NULL_TOKEN }
  }
  const validity = takeValidity(batch, length, nullCount)
  return withNulls(length, validity, createValueReader(batch, field, { length, dictionaries, at }))
}

function takeValidity(batch: ArrowBatch, length: number, nullCount: number): Uint8Array | null {
  const validity = batch.takeBuffer()
  if (nullCount === 0) return null
  if (validity.length * 8 < length) throw new RangeError('the nulls of a column are cut off')
  return validity
}

function takeValues(batch: ArrowBatch, length: number, valueBytes: number): DataView {
  const values = batch.takeBuffer()
  if (values.length < length * valueBytes) throw new RangeError('the values of a column are cut off')
  return new DataView(values.buffer, values.byteOffset, values.byteLength)
}

function withNulls(length: number, validity: Uint8Array | null, readValue: ValueReader): ArrowColumn {
  return {
    length,
    read: (index, reading) => {
      reading.size.add(0)
      return validity === null || isSet(validity, index) ? readValue(index, reading) : NULL_TOKEN
    },
  }
}

function isSet(bits: Uint8Array, index: number): boolean {
  return (((bits[Math.floor(index / 8)] ?? 0) >> (index % 8)) & 1) === 1
}

type Building = { length: number; dictionaries: ArrowDictionaries; at: string }

function createValueReader(batch: ArrowBatch, field: ArrowField, building: Building): ValueReader {
  const { type } = field
  const { length, at } = building
  switch (type.kind) {
    case 'boolean': {
      const bits = batch.takeBuffer()
      if (bits.length * 8 < length) throw new RangeError('the values of a column are cut off')
      return (index) => booleanToken(isSet(bits, index))
    }
    case 'int': {
      const integers = createIntegers(takeValues(batch, length, type.bits / 8), type)
      return (index) => integerToken(String(integers(index)))
    }
    case 'float':
      return createFloatReader(takeValues(batch, length, type.bits / 8), type.bits)
    case 'decimal':
      return createDecimalReader(takeValues(batch, length, type.bits / 8), type)
    case 'date': {
      const values = takeValues(batch, length, type.isDays ? 4 : 8)
      if (type.isDays) return (index) => dateToken(values.getInt32(4 * index, true))
      return (index) => dayToken(values.getBigInt64(8 * index, true))
    }
    case 'time': {
      const values = takeValues(batch, length, type.bits / 8)
      const integers = createIntegers(values, { kind: 'int', bits: type.bits, isSigned: true })
      return (index) => timeToken(BigInt(integers(index)), type.unitsPerSecond)
    }
    case 'timestamp': {
      const values = takeValues(batch, length, 8)
      return (index) => timestampToken(values.getBigInt64(8 * index, true), type.unitsPerSecond, type.isInstant)
    }
    case 'text':
    case 'bytes':
      return createBytesReader(createBytes(batch, length, type.layout), type.kind, at)
    case 'fixed': {
      const { sizeBytes, isUuid } = type
      const values = takeValues(batch, length, sizeBytes)
      const toToken = isUuid ? uuidToken : bytesToken
      return (index, reading) => {
        reading.size.add(2 * sizeBytes)
        return toToken(bytesOf(values, index * sizeBytes, sizeBytes))
      }
    }
    case 'list':
    case 'fixed-list':
      return createListReader(batch, field, building)
    case 'map':
      return createMapReader(batch, field, building)
    case 'struct':
      return createStructReader(batch, field, building)
    case 'null':
    case 'unloadable':
      throw new Error(`a column of ${type.kind} has no values`)
  }
}

/** The date of whole days; otherwise a time, which no column of dates accepts. */
function dayToken(ms: bigint): JsonToken {
  return ms % MS_PER_DAY === 0n ? dateToken(Number(ms / MS_PER_DAY)) : timestampToken(ms, 1_000n, false)
}

function createIntegers(
  values: DataView,
  { bits, isSigned }: ArrowType & { kind: 'int' },
): (index: number) => number | bigint {
  switch (bits) {
    case 8:
      return isSigned ? (index) => values.getInt8(index) : (index) => values.getUint8(index)
    case 16:
      return isSigned ? (index) => values.getInt16(2 * index, true) : (index) => values.getUint16(2 * index, true)
    case 32:
      return isSigned ? (index) => values.getInt32(4 * index, true) : (index) => values.getUint32(4 * index, true)
    default:
      return isSigned ? (index) => values.getBigInt64(8 * index, true) : (index) => values.getBigUint64(8 * index, true)
  }
}

function createFloatReader(values: DataView, bits: 16 | 32 | 64): ValueReader {
  switch (bits) {
    case 16:
      return (index) => floatToken(halfFloat(new DataView(values.buffer, values.byteOffset + 2 * index, 2)))
    case 32:
      return (index) => floatToken(values.getFloat32(4 * index, true))
    case 64:
      return (index) => doubleToken(values.getFloat64(8 * index, true))
  }
}

function createDecimalReader(values: DataView, { bits, scale }: ArrowType & { kind: 'decimal' }): ValueReader {
  const words = bits / 32
  return (index) => {
    let unscaled = 0n
    for (let word = words - 1; word >= 0; word -= 1)
      unscaled = (unscaled << 32n) | BigInt(values.getUint32(4 * (index * words + word), true))
    const value = BigInt.asIntN(bits, unscaled)
    return scale < 0 ? integerToken(String(value * 10n ** BigInt(-scale))) : decimalToken(value, scale)
  }
}

function bytesOf(view: DataView, start: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + start, length)
}

function createBytes(
  batch: ArrowBatch,
  length: number,
  layout: 'short' | 'long' | 'view',
): (index: number) => Uint8Array {
  if (layout === 'view') return createViews(batch, length)
  const rangeOf = takeRanges(batch, length, layout)
  const values = batch.takeBuffer()
  return (index) => {
    const { start, end } = rangeOf(index)
    if (end > values.length) throw new RangeError('a value reaches beyond its column')
    return values.subarray(start, end)
  }
}

/** Short values are in the view itself, others in one of several buffers. */
function createViews(batch: ArrowBatch, length: number): (index: number) => Uint8Array {
  const views = takeValues(batch, length, VIEW_BYTES)
  const buffers: Uint8Array[] = []
  for (let count = batch.takeVariadicCount(); count > 0; count -= 1) buffers.push(batch.takeBuffer())
  return (index) => {
    const view = VIEW_BYTES * index
    const valueBytes = views.getInt32(view, true)
    if (valueBytes < 0) throw new RangeError('a value has a negative length')
    if (valueBytes <= MAX_INLINE_BYTES) return bytesOf(views, view + 4, valueBytes)
    const start = views.getUint32(view + 12, true)
    const buffer = buffers[views.getUint32(view + 8, true)]
    if (buffer === undefined || start + valueBytes > buffer.length)
      throw new RangeError('a value reaches beyond its column')
    return buffer.subarray(start, start + valueBytes)
  }
}

type Ranges = (index: number) => { start: number; end: number }

/** From offsets, of which there is one more than rows. A column without rows may have none. */
function takeRanges(batch: ArrowBatch, length: number, layout: 'short' | 'long'): Ranges {
  const sizeAt = takeSizes(batch, length === 0 ? 0 : length + 1, layout)
  return (index) => {
    const [start, end] = [sizeAt(index), sizeAt(index + 1)]
    if (start > end) throw new RangeError('a value ends before it begins')
    return { start, end }
  }
}

function takeSizes(batch: ArrowBatch, count: number, layout: 'short' | 'long'): (index: number) => number {
  const values = takeValues(batch, count, layout === 'short' ? 4 : 8)
  if (layout === 'long') return (index) => toSize(values.getBigInt64(8 * index, true))
  return (index) => {
    const size = values.getInt32(4 * index, true)
    if (size < 0) throw new RangeError('an offset is negative')
    return size
  }
}

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function createBytesReader(bytesAt: (index: number) => Uint8Array, kind: 'text' | 'bytes', at: string): ValueReader {
  return (index, reading) => {
    const bytes = bytesAt(index)
    reading.size.add(kind === 'text' ? bytes.length : 2 * bytes.length)
    if (kind === 'bytes') return bytesToken(bytes)
    try {
      return stringToken(utf8Decoder.decode(bytes))
    } catch {
      reading.problem ??= `has a text that is not UTF-8, in ${at}`
      return NULL_TOKEN
    }
  }
}

function createListReader(batch: ArrowBatch, { type, children }: ArrowField, building: Building): ValueReader {
  const { length, dictionaries, at } = building
  const rangeOf = takeListRanges(batch, length, type)
  const [child] = children
  if (child === undefined) throw new RangeError('a list without a type of its values')
  const items = createArrowColumn(batch, child, dictionaries, `${at}.element`)
  return (index, reading) => {
    const { start, end } = rangeOf(index)
    if (end > items.length) throw new RangeError('a list reaches beyond its values')
    const tokens: JsonToken[] = []
    for (let i = start; i < end; i += 1) tokens.push(items.read(i, reading))
    return { kind: 'array', items: tokens }
  }
}

function takeListRanges(batch: ArrowBatch, length: number, type: ArrowType): Ranges {
  if (type.kind === 'fixed-list') {
    const { size } = type
    return (index) => ({ start: index * size, end: (index + 1) * size })
  }
  const { layout, hasSizes } = type.kind === 'list' ? type : ({ layout: 'short', hasSizes: false } as const)
  if (!hasSizes) return takeRanges(batch, length, layout)
  const startAt = takeSizes(batch, length, layout)
  const sizeAt = takeSizes(batch, length, layout)
  return (index) => ({ start: startAt(index), end: startAt(index) + sizeAt(index) })
}

function createStructReader(batch: ArrowBatch, { children }: ArrowField, building: Building): ValueReader {
  const { length, dictionaries, at } = building
  const columns = children.map((child) => ({
    name: child.name,
    column: createArrowColumn(batch, child, dictionaries, `${at}.${child.name}`),
  }))
  if (columns.some(({ column }) => column.length < length)) throw new RangeError('a struct has fields of other lengths')
  const nameBytes = columns.reduce((total, { name }) => total + name.length, 0)
  return (index, reading) => {
    reading.size.add(nameBytes)
    const members = new Map<string, JsonToken>()
    for (const { name, column } of columns) members.set(name, column.read(index, reading))
    return { kind: 'object', members }
  }
}

function createMapReader(batch: ArrowBatch, { children }: ArrowField, building: Building): ValueReader {
  const { length, dictionaries, at } = building
  const rangeOf = takeRanges(batch, length, 'short')
  const [entries] = children
  const [key, value] = entries?.children ?? []
  if (!key || !value || entries?.type.kind !== 'struct') throw new RangeError('a map without keys and values')
  const { length: entryCount, nullCount } = batch.takeNode()
  takeValidity(batch, entryCount, nullCount)
  const keys = createArrowColumn(batch, key, dictionaries, `${at}.key`)
  const values = createArrowColumn(batch, value, dictionaries, `${at}.value`)
  const pairCount = Math.min(keys.length, values.length)
  return (index, reading) => {
    const { start, end } = rangeOf(index)
    if (end > pairCount) throw new RangeError('a map reaches beyond its entries')
    const members = new Map<string, JsonToken>()
    for (let i = start; i < end; i += 1) {
      const text = mapKey(keys.read(i, reading))
      const entry = values.read(i, reading)
      if (text === null) reading.problem ??= `has a map without a key, in ${at}`
      else if (members.has(text))
        reading.problem ??= `has a map with the key ${JSON.stringify(text.slice(0, 100))} twice, in ${at}`
      else members.set(text, entry)
    }
    return { kind: 'object', members }
  }
}

function createDictionaryReader(
  indexAt: (index: number) => number | bigint,
  id: bigint,
  dictionaries: ArrowDictionaries,
  at: string,
): ValueReader {
  const parts = dictionaries.get(id) ?? []
  return (index, reading) => {
    let position = Number(indexAt(index))
    if (position < 0) throw new RangeError('an index of a dictionary is negative')
    for (const part of parts) {
      if (position < part.length) return part.read(position, reading)
      position -= part.length
    }
    throw new RangeError(`the dictionary of ${at} has no value ${Number(indexAt(index))}`)
  }
}
