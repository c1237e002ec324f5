import { DamagedParquet, UnsupportedParquet } from './errors'
import { type ByteArrays, readDelta32, readDelta64, readDeltaLengths, readDeltaStrings } from './delta'
import type { Encoding } from './footer'
import { type Indexes, readHybrid } from './hybrid'
import type { PhysicalType } from './schema-node'

/** One value as stored in the file: never rounded or converted to a date. */
export type RawValue = boolean | number | bigint | Uint8Array

/** Values of a page or a dictionary without nulls, stored as compactly as in the file. */
export type Values =
  | { kind: 'booleans'; data: Uint8Array }
  | { kind: 'numbers'; data: Int32Array | Float32Array | Float64Array }
  | { kind: 'longs'; data: BigInt64Array }
  | ({ kind: 'byteArrays' } & ByteArrays)
  | { kind: 'fixed'; bytes: Uint8Array; lengthBytes: number; count: number }
  | { kind: 'indexed'; indexes: Indexes; dictionary: Values }
  /** Values of several pages; `starts` has the index of each part's first value. */
  | { kind: 'joined'; parts: readonly Values[]; starts: Uint32Array; count: number }

/** Called before memory is allocated for a size that the file claims. Throws {OversizedParquet} if it is too much. */
export type ReserveMemory = (bytes: number) => void

export type LeafType = { physicalType: PhysicalType; lengthBytes: number }

/** Returns a view for byte values; a caller that keeps one must copy it. */
export function valueAt(values: Values, index: number): RawValue {
  switch (values.kind) {
    case 'booleans':
      return values.data[index] === 1
    case 'numbers':
      return values.data[index] ?? 0
    case 'longs':
      return values.data[index] ?? 0n
    case 'byteArrays':
      return values.bytes.subarray(values.starts[index], values.ends[index])
    case 'fixed':
      return values.bytes.subarray(index * values.lengthBytes, (index + 1) * values.lengthBytes)
    case 'indexed':
      return valueAt(values.dictionary, values.indexes[index] ?? 0)
    case 'joined': {
      let part = 0
      while (part + 1 < values.parts.length && (values.starts[part + 1] ?? 0) <= index) part++
      const partValues = values.parts[part]
      if (!partValues) throw new DamagedParquet('a page claims values but has none')
      return valueAt(partValues, index - (values.starts[part] ?? 0))
    }
  }
}

export function valueCount(values: Values): number {
  switch (values.kind) {
    case 'booleans':
    case 'numbers':
    case 'longs':
      return values.data.length
    case 'byteArrays':
      return values.starts.length
    case 'fixed':
      return values.count
    case 'indexed':
      return values.indexes.length
    case 'joined':
      return values.count
  }
}

/** Memory of the values without their dictionary. */
export function memoryBytes(values: Values): number {
  switch (values.kind) {
    case 'booleans':
    case 'numbers':
    case 'longs':
      return values.data.byteLength
    case 'byteArrays':
      return values.bytes.byteLength + values.starts.byteLength * 2
    case 'fixed':
      return values.bytes.byteLength
    case 'indexed':
      return values.indexes.byteLength
    case 'joined':
      return values.parts.reduce((sum, part) => sum + memoryBytes(part), 0)
  }
}

/**
 * Decodes `count` values of one encoding.
 *
 * @param hasNarrowIndexes for loops that run over arrays of any width anyway: others are faster with arrays of one
 * @throws {DamagedParquet} when the bytes end too early, {UnsupportedParquet} for an unsupported encoding
 */
export function readValues(
  encoding: Encoding,
  bytes: Uint8Array,
  count: number,
  type: LeafType,
  dictionary: Values | null,
  reserveMemory: ReserveMemory,
  hasNarrowIndexes = false,
): Values {
  switch (encoding) {
    case 'PLAIN':
      return readPlain(bytes, count, type, reserveMemory)
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return readIndexes(bytes, count, dictionary, reserveMemory, hasNarrowIndexes)
    case 'RLE':
      return readRleBooleans(bytes, count, type, reserveMemory)
    case 'DELTA_BINARY_PACKED':
      if (type.physicalType !== 'INT32' && type.physicalType !== 'INT64') throw encodingMismatchError(encoding, type)
      reserveMemory(count * 8)
      if (count === 0) return emptyValues()
      return type.physicalType === 'INT32'
        ? { kind: 'numbers', data: readDelta32(bytes, 0, count).values }
        : { kind: 'longs', data: readDelta64(bytes, 0, count).values }
    case 'DELTA_LENGTH_BYTE_ARRAY':
      if (type.physicalType !== 'BYTE_ARRAY') throw encodingMismatchError(encoding, type)
      reserveMemory(count * 16)
      return count === 0 ? emptyValues() : { kind: 'byteArrays', ...readDeltaLengths(bytes, 0, count) }
    case 'DELTA_BYTE_ARRAY':
      return readDeltaByteArray(bytes, count, type, reserveMemory)
    case 'BYTE_STREAM_SPLIT':
      return readByteStreamSplit(bytes, count, type, reserveMemory)
    case 'BIT_PACKED':
    case 'GROUP_VAR_INT':
      throw new UnsupportedParquet(`it uses the encoding ${encoding}, which Lakeshore cannot read`)
  }
}

/** Values one after another, in the type's own width. */
export function readPlain(bytes: Uint8Array, count: number, type: LeafType, reserveMemory: ReserveMemory): Values {
  const width = fixedWidthBytes(type)
  if (width !== null) {
    if (bytes.length < count * width) throw pageTooShortError(bytes.length, count)
    return toFixedWidthValues(bytes.subarray(0, count * width), count, type)
  }
  if (type.physicalType === 'BOOLEAN') {
    if (bytes.length < Math.ceil(count / 8)) throw pageTooShortError(bytes.length, count)
    reserveMemory(count)
    const data = new Uint8Array(count)
    for (let i = 0; i < count; i++) data[i] = ((bytes[i >> 3] ?? 0) >> (i & 7)) & 1
    return { kind: 'booleans', data }
  }
  // Every value takes at least the four bytes of its length.
  if (bytes.length < count * 4) throw pageTooShortError(bytes.length, count)
  reserveMemory(count * 8)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const starts = new Uint32Array(count)
  const ends = new Uint32Array(count)
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + 4 > bytes.length) throw pageTooShortError(bytes.length, count)
    const length = view.getUint32(at, true)
    at += 4
    if (length > bytes.length - at) throw new DamagedParquet('a value reaches beyond its page')
    starts[i] = at
    at += length
    ends[i] = at
  }
  return { kind: 'byteArrays', bytes, starts, ends }
}

function readIndexes(
  bytes: Uint8Array,
  count: number,
  dictionary: Values | null,
  reserveMemory: ReserveMemory,
  isNarrow: boolean,
): Values {
  if (!dictionary) throw new DamagedParquet('a page refers to a dictionary that is not there')
  if (count === 0) return { kind: 'indexed', indexes: new Uint32Array(0), dictionary }
  const bitWidth = bytes[0]
  if (bitWidth === undefined) throw pageTooShortError(0, count)
  reserveMemory(count * 4)
  const indexes = isNarrow && bitWidth <= 16 ? createNarrowIndexes(bitWidth, count) : new Uint32Array(count)
  const highest = readHybrid(bytes, 1, bytes.length, bitWidth, indexes)
  const size = valueCount(dictionary)
  if (highest >= size) throw new DamagedParquet(`a page refers to entry ${highest} of a dictionary of ${size}`)
  return { kind: 'indexed', indexes, dictionary }
}

function createNarrowIndexes(bitWidth: number, count: number): Indexes {
  return bitWidth <= 16 ? new Uint16Array(count) : new Uint32Array(count)
}

function readRleBooleans(bytes: Uint8Array, count: number, type: LeafType, reserveMemory: ReserveMemory): Values {
  if (type.physicalType !== 'BOOLEAN') throw encodingMismatchError('RLE', type)
  reserveMemory(count)
  const data = new Uint8Array(count)
  if (count === 0) return { kind: 'booleans', data }
  if (bytes.length < 4) throw pageTooShortError(bytes.length, count)
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  if (length > bytes.length - 4) throw pageTooShortError(bytes.length, count)
  readHybrid(bytes, 4, 4 + length, 1, data)
  return { kind: 'booleans', data }
}

function readDeltaByteArray(bytes: Uint8Array, count: number, type: LeafType, reserveMemory: ReserveMemory): Values {
  if (type.physicalType !== 'BYTE_ARRAY' && type.physicalType !== 'FIXED_LEN_BYTE_ARRAY') {
    throw encodingMismatchError('DELTA_BYTE_ARRAY', type)
  }
  reserveMemory(count * 24)
  if (count === 0) return emptyValues()
  const values = readDeltaStrings(bytes, 0, count, reserveMemory)
  if (type.physicalType === 'FIXED_LEN_BYTE_ARRAY') {
    for (let i = 0; i < count; i++) {
      if ((values.ends[i] ?? 0) - (values.starts[i] ?? 0) !== type.lengthBytes) {
        throw new DamagedParquet(`a value is not ${type.lengthBytes} bytes long`)
      }
    }
  }
  return { kind: 'byteArrays', ...values }
}

/** The first byte of every value, then the second byte of every value, and so on. */
function readByteStreamSplit(bytes: Uint8Array, count: number, type: LeafType, reserveMemory: ReserveMemory): Values {
  const width = fixedWidthBytes(type)
  if (width === null || type.physicalType === 'INT96') throw encodingMismatchError('BYTE_STREAM_SPLIT', type)
  if (bytes.length < count * width) throw pageTooShortError(bytes.length, count)
  reserveMemory(count * width)
  const joined = new Uint8Array(count * width)
  for (let part = 0; part < width; part++) {
    const stream = bytes.subarray(part * count, (part + 1) * count)
    for (let i = 0; i < count; i++) joined[i * width + part] = stream[i] ?? 0
  }
  return toFixedWidthValues(joined, count, type)
}

function toFixedWidthValues(bytes: Uint8Array, count: number, type: LeafType): Values {
  switch (type.physicalType) {
    case 'INT32':
      return { kind: 'numbers', data: new Int32Array(toAlignedBuffer(bytes, 4)) }
    case 'INT64':
      return { kind: 'longs', data: new BigInt64Array(toAlignedBuffer(bytes, 8)) }
    case 'FLOAT':
      return { kind: 'numbers', data: new Float32Array(toAlignedBuffer(bytes, 4)) }
    case 'DOUBLE':
      return { kind: 'numbers', data: new Float64Array(toAlignedBuffer(bytes, 8)) }
    case 'INT96':
      return { kind: 'fixed', bytes, lengthBytes: 12, count }
    case 'FIXED_LEN_BYTE_ARRAY':
      return { kind: 'fixed', bytes, lengthBytes: type.lengthBytes, count }
    case 'BOOLEAN':
    case 'BYTE_ARRAY':
      throw encodingMismatchError('PLAIN', type)
  }
}

/** A copy that a typed array can use. Parquet and every supported machine are little-endian. */
function toAlignedBuffer(bytes: Uint8Array, width: number): ArrayBuffer {
  const lengthBytes = Math.floor(bytes.length / width) * width
  // Not a copy with zeros first. Buffers of Node have another `slice`.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, lengthBytes).slice().buffer
}

function fixedWidthBytes({ physicalType, lengthBytes }: LeafType): number | null {
  switch (physicalType) {
    case 'INT32':
    case 'FLOAT':
      return 4
    case 'INT64':
    case 'DOUBLE':
      return 8
    case 'INT96':
      return 12
    case 'FIXED_LEN_BYTE_ARRAY':
      return lengthBytes
    case 'BOOLEAN':
    case 'BYTE_ARRAY':
      return null
  }
}

/** The values of pages one after another. */
export function joinValues(parts: readonly Values[]): Values {
  const starts = new Uint32Array(parts.length)
  let count = 0
  parts.forEach((part, i) => {
    starts[i] = count
    count += valueCount(part)
  })
  return { kind: 'joined', parts, starts, count }
}

function emptyValues(): Values {
  return { kind: 'booleans', data: new Uint8Array(0) }
}

function pageTooShortError(length: number, count: number): DamagedParquet {
  return new DamagedParquet(`a page of ${length} bytes is too short for the ${count} values it claims`)
}

function encodingMismatchError(encoding: Encoding, { physicalType }: LeafType): DamagedParquet {
  return new DamagedParquet(`the encoding ${encoding} does not fit the type ${physicalType}`)
}
