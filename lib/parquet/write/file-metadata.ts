import { type Codec, CODECS, type Encoding, ENCODINGS, type ParquetFooter } from '../footer'
import { PHYSICAL_TYPES, type PhysicalType } from '../schema-node'
import type { ThriftStruct } from '../thrift'
import {
  i16,
  i32,
  i64,
  type ThriftFields,
  type ThriftValue,
  thriftBoolean,
  thriftBytes,
  thriftList,
  thriftStruct,
  thriftText,
  writeThriftStruct,
} from './thrift-writer'

/**
 * The footer of a file that was written.
 *
 * Spec: apache/parquet-format, `parquet.thrift`, *FileMetaData*, *RowGroup*, *ColumnMetaData*.
 */

/** By their number in the format. */
export const PAGE_KINDS = ['data', 'index', 'dictionary', 'data-v2'] as const
export type PageKind = (typeof PAGE_KINDS)[number]

type ByteRange = { offset: number; lengthBytes: number }

export type WrittenChunk = {
  physicalType: PhysicalType
  path: readonly string[]
  codec: Codec
  /** Values and nulls at all levels, and the nulls among them. */
  valueCount: number
  nullCount: number
  /** Sizes of all pages with their headers. */
  encodedBytes: number
  storedBytes: number
  dataPageOffset: number
  dictionaryPageOffset: number | null
  /** How many pages there are of each kind and encoding. */
  pages: readonly { kind: PageKind; encoding: Encoding; count: number }[]
  statistics: WrittenStatistics | null
  /** Total bytes of strings and binaries; null for other types. */
  byteArrayBytes: number | null
  /** Null until they are written, or if there is none. */
  columnIndex: ByteRange | null
  offsetIndex: ByteRange | null
  bloomFilter: ByteRange | null
}

/** The bounds of a column chunk; its null count is known without them. */
export type WrittenStatistics = { min: WrittenBound | null; max: WrittenBound | null }
export type WrittenBound = { value: Uint8Array; isExact: boolean }

export type WrittenRowGroup = {
  rowCount: number
  startOffset: number
  columns: readonly WrittenChunk[]
  /** As in the file that it was read from. */
  sortingColumns: readonly ThriftStruct[]
}

const MAX_ORDINAL = 32_767

export function encodeFileMetadata(file: {
  formatVersion: number
  schema: ThriftValue
  rowGroups: readonly WrittenRowGroup[]
  keyValues: ParquetFooter['keyValues']
  createdBy: string
  leafCount: number
}): Uint8Array {
  const typeOrder = thriftStruct({ 1: thriftStruct({}) })
  return writeThriftStruct({
    1: i32(file.formatVersion),
    2: file.schema,
    3: i64(file.rowGroups.reduce((total, { rowCount }) => total + rowCount, 0)),
    4: thriftList('struct', file.rowGroups.map(toRowGroup)),
    5: file.keyValues.length === 0 ? undefined : thriftList('struct', file.keyValues.map(toKeyValue)),
    6: thriftText(file.createdBy),
    7: thriftList(
      'struct',
      Array.from({ length: file.leafCount }, () => typeOrder),
    ),
  })
}

function toKeyValue({ key, value }: ParquetFooter['keyValues'][number]): ThriftValue {
  return thriftStruct({ 1: thriftText(key), 2: value === null ? undefined : thriftText(value) })
}

function toRowGroup(group: WrittenRowGroup, ordinal: number): ThriftValue {
  const total = (bytesOf: (chunk: WrittenChunk) => number) =>
    i64(group.columns.reduce((sum, chunk) => sum + bytesOf(chunk), 0))
  return thriftStruct({
    1: thriftList('struct', group.columns.map(toColumnChunk)),
    2: total(({ encodedBytes }) => encodedBytes),
    3: i64(group.rowCount),
    4: group.sortingColumns.length === 0 ? undefined : thriftList('struct', group.sortingColumns.map(toSortingColumn)),
    5: i64(group.startOffset),
    6: total(({ storedBytes }) => storedBytes),
    7: ordinal > MAX_ORDINAL ? undefined : i16(ordinal),
  })
}

function toSortingColumn(column: ThriftStruct): ThriftValue {
  return thriftStruct({
    1: i32(column.count(1, "a sorting column's index")),
    2: thriftBoolean(column.bool(2) ?? false),
    3: thriftBoolean(column.bool(3) ?? false),
  })
}

function toColumnChunk(chunk: WrittenChunk): ThriftValue {
  return thriftStruct({
    // Deprecated and required; writers set it to zero.
    2: i64(0),
    3: thriftStruct(toColumnMetadata(chunk)),
    ...toRange(4, chunk.offsetIndex),
    ...toRange(6, chunk.columnIndex),
  })
}

function toColumnMetadata(chunk: WrittenChunk): ThriftFields {
  const encodings = new Set<Encoding>(['RLE', ...chunk.pages.map(({ encoding }) => encoding)])
  return {
    1: i32(PHYSICAL_TYPES.indexOf(chunk.physicalType)),
    2: thriftList(
      'i32',
      [...encodings].map((encoding) => i32(ENCODINGS.indexOf(encoding))),
    ),
    3: thriftList('bytes', chunk.path.map(thriftText)),
    4: i32(CODECS.indexOf(chunk.codec)),
    5: i64(chunk.valueCount),
    6: i64(chunk.encodedBytes),
    7: i64(chunk.storedBytes),
    9: i64(chunk.dataPageOffset),
    11: chunk.dictionaryPageOffset === null ? undefined : i64(chunk.dictionaryPageOffset),
    12: chunk.statistics === null ? undefined : thriftStruct(toStatistics(chunk.nullCount, chunk.statistics)),
    13: thriftList(
      'struct',
      chunk.pages.map(({ kind, encoding, count }) =>
        thriftStruct({ 1: i32(PAGE_KINDS.indexOf(kind)), 2: i32(ENCODINGS.indexOf(encoding)), 3: i32(count) }),
      ),
    ),
    ...toRange(14, chunk.bloomFilter),
    16: chunk.byteArrayBytes === null ? undefined : thriftStruct({ 1: i64(chunk.byteArrayBytes) }),
  }
}

function toStatistics(nullCount: number, { min, max }: WrittenStatistics): ThriftFields {
  return {
    3: i64(nullCount),
    5: max ? thriftBytes(max.value) : undefined,
    6: min ? thriftBytes(min.value) : undefined,
    7: max ? thriftBoolean(max.isExact) : undefined,
    8: min ? thriftBoolean(min.isExact) : undefined,
  }
}

/** An offset, and in the next field a length. */
function toRange(field: number, range: ByteRange | null): ThriftFields {
  return range === null ? {} : { [field]: i64(range.offset), [field + 1]: i32(range.lengthBytes) }
}
