import 'server-only'
import {
  type DuckDBAppender,
  DuckDBBlobValue,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalType,
  DuckDBDecimalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUUIDValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { type Data, DataType, type RecordBatch, TimeUnit } from 'apache-arrow'

/** Rows of a chunk of DuckDB. */
const CHUNK_ROWS = 2048

/** Appends the rows of an Arrow batch to a table whose columns have the same order, each of the type for its Arrow type. */
export function appendArrow(appender: DuckDBAppender, { data, numRows }: RecordBatch): void {
  const types = data.children.map((_, i) => appender.columnType(i))
  const readers = data.children.map((column, i) => createReader(column, typeAt(types, i)))
  for (let from = 0; from < numRows; from += CHUNK_ROWS) {
    const rowCount = Math.min(CHUNK_ROWS, numRows - from)
    const chunk = DuckDBDataChunk.create(types, rowCount)
    for (const [i, read] of readers.entries()) {
      const vector = chunk.getColumnVector(i)
      for (let row = 0; row < rowCount; row++) vector.setItem(row, read(from + row))
      vector.flush()
    }
    appender.appendDataChunk(chunk)
  }
}

type Read = (index: number) => DuckDBValue

function typeAt(types: readonly DuckDBType[], index: number): DuckDBType {
  const type = types[index]
  if (!type) throw new Error(`there is no type ${index}`)
  return type
}

function createReader(data: Data, type: DuckDBType): Read {
  if (DataType.isNull(data.type)) return () => null
  const read = createValueReader(data, type)
  if (data.nullCount === 0) return read
  const { nullBitmap, offset } = data
  return (index) => {
    const at = offset + index
    return ((nullBitmap[at >> 3] ?? 0) >> (at & 7)) & 1 ? read(index) : null
  }
}

/** Reads values that are not null. */
function createValueReader(data: Data, type: DuckDBType): Read {
  const arrow: DataType = data.type
  const { values, valueOffsets } = data
  if (DataType.isDictionary(arrow)) {
    const [dictionary] = data.dictionary?.data ?? []
    if (!dictionary) throw new Error('a dictionary has no values')
    const read = createReader(dictionary, type)
    const words = Array.from({ length: dictionary.length }, (_, i) => read(i))
    return (index) => words[values[index]] ?? null
  }
  if (DataType.isBool(arrow)) return (index) => (((values[index >> 3] ?? 0) >> (index & 7)) & 1) === 1
  if (DataType.isDate(arrow)) return (index) => new DuckDBDateValue(values[index])
  if (DataType.isTime(arrow)) return (index) => new DuckDBTimeValue(values[index])
  if (DataType.isTimestamp(arrow)) {
    if (arrow.timezone) return (index) => new DuckDBTimestampTZValue(values[index])
    if (arrow.unit === TimeUnit.NANOSECOND) return (index) => new DuckDBTimestampNanosecondsValue(values[index])
    return (index) => new DuckDBTimestampValue(values[index])
  }
  if (DataType.isInt(arrow) || DataType.isFloat(arrow)) return (index) => values[index]
  if (DataType.isDecimal(arrow) && type instanceof DuckDBDecimalType) {
    const words = new BigInt64Array(values.buffer, values.byteOffset, values.byteLength / 8)
    return (index) => {
      const value = (BigInt.asIntN(64, words[2 * index + 1] ?? 0n) << 64n) | BigInt.asUintN(64, words[2 * index] ?? 0n)
      return new DuckDBDecimalValue(value, type.width, type.scale)
    }
  }
  if (DataType.isUtf8(arrow)) {
    const bytes = toBuffer(values)
    return (index) => bytes.toString('utf8', valueOffsets[index], valueOffsets[index + 1])
  }
  // Copied when the chunk is appended.
  if (DataType.isBinary(arrow))
    return (index) => new DuckDBBlobValue(values.subarray(valueOffsets[index], valueOffsets[index + 1]))
  if (DataType.isFixedSizeBinary(arrow)) return createFixedReader(values, arrow.byteWidth, type)
  return createNestedReader(data, type)
}

function createFixedReader(values: Uint8Array, widthBytes: number, { typeId }: DuckDBType): Read {
  if (typeId !== DuckDBTypeId.UUID)
    return (index) => new DuckDBBlobValue(values.subarray(index * widthBytes, (index + 1) * widthBytes))
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength)
  return (index) =>
    DuckDBUUIDValue.fromUint128((view.getBigUint64(index * 16) << 64n) | view.getBigUint64(index * 16 + 8))
}

function createNestedReader({ children, valueOffsets }: Data, type: DuckDBType): Read {
  const [child] = children
  if (type instanceof DuckDBStructType) {
    const reads = children.map((each, i) => createReader(each, typeAt(type.entryTypes, i)))
    return (index) => {
      // Any name may be that of a field.
      const entries: Record<string, DuckDBValue> = Object.create(null)
      for (const [i, read] of reads.entries()) entries[type.entryNames[i] ?? ''] = read(index)
      return new DuckDBStructValue(entries)
    }
  }
  if (type instanceof DuckDBListType && child) {
    const read = createReader(child, type.valueType)
    return (index) => new DuckDBListValue(readRange(valueOffsets, index, read))
  }
  const [key, value] = child?.children ?? []
  if (type instanceof DuckDBMapType && key && value) {
    const [readKey, readEntryValue] = [createReader(key, type.keyType), createReader(value, type.valueType)]
    return (index) =>
      new DuckDBMapValue(readRange(valueOffsets, index, (at) => ({ key: readKey(at), value: readEntryValue(at) })))
  }
  throw new Error(`what arrived has no place in a column of type ${String(type)}`)
}

function readRange<T>(offsets: Int32Array, index: number, read: (at: number) => T): T[] {
  const start = offsets[index] ?? 0
  return Array.from({ length: (offsets[index + 1] ?? start) - start }, (_, i) => read(start + i))
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
