import {
  i32,
  i64,
  thriftBoolean,
  thriftList,
  thriftStruct,
  thriftText,
  writeThriftStruct,
} from '@/lib/parquet/write/thrift-writer'
import type { ThriftFields } from '@/lib/parquet/write/thrift-writer'

/** A column of a {@link pagedFile}, whose fields may have any number, also one that the format does not define. */
export type PagedColumn = {
  name: string
  /** Null for a file that another writer made. */
  fieldId: number | null
  /** By its number in the format. */
  physicalType: number
  /** Further fields of its `SchemaElement`. */
  schema?: ThriftFields
  /** By its number in the format; 0 is uncompressed. */
  codec?: number
  /** By its number in the format; 0 is PLAIN. */
  encoding?: number
  /** Further fields of its `ColumnChunk`. */
  chunk?: ThriftFields
  /** Headers and bodies of all pages. */
  pages: Uint8Array
}

const MAGIC = 'PAR1'
const REQUIRED = 0

/** A Parquet file of top-level columns in one row group, with integer types that strict readers expect. */
export function pagedFile(columns: readonly PagedColumn[], rowCount: number): Uint8Array {
  let offset = MAGIC.length
  const chunks = columns.map((column) => {
    const { name, physicalType, codec = 0, encoding = 0, pages } = column
    const start = offset
    offset += pages.length
    const metadata = thriftStruct({
      1: i32(physicalType),
      2: thriftList('i32', [i32(encoding)]),
      3: thriftList('bytes', [thriftText(name)]),
      4: i32(codec),
      5: i64(rowCount),
      6: i64(pages.length),
      7: i64(pages.length),
      9: i64(start),
    })
    return thriftStruct({ 2: i64(0), 3: metadata, ...column.chunk })
  })
  const elements = columns.map(({ name, fieldId, physicalType, schema }) =>
    thriftStruct({
      1: i32(physicalType),
      3: i32(REQUIRED),
      4: thriftText(name),
      9: fieldId === null ? undefined : i32(fieldId),
      ...schema,
    }),
  )
  const footer = writeThriftStruct({
    1: i32(1),
    2: thriftList('struct', [thriftStruct({ 4: thriftText('schema'), 5: i32(columns.length) }), ...elements]),
    3: i64(rowCount),
    4: thriftList('struct', [
      thriftStruct({ 1: thriftList('struct', chunks), 2: i64(offset - MAGIC.length), 3: i64(rowCount) }),
    ]),
  })
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  const parts = [Buffer.from(MAGIC), ...columns.map(({ pages }) => pages), footer, length, Buffer.from(MAGIC)]
  return new Uint8Array(Buffer.concat(parts))
}

const RLE = 3

type PageOptions = {
  /** By its number in the format; 0 is PLAIN. */
  encoding?: number
  /** The size before compression, by default that of the body. */
  encodedBytes?: number
}

/** A data page of version 1 with its header. `body` is the page as stored. */
export function dataPage(body: Uint8Array, valueCount: number, options: PageOptions = {}): Uint8Array {
  const { encoding = 0, encodedBytes = body.length } = options
  const data = thriftStruct({ 1: i32(valueCount), 2: i32(encoding), 3: i32(RLE), 4: i32(RLE) })
  const header = writeThriftStruct({ 1: i32(0), 2: i32(encodedBytes), 3: i32(body.length), 5: data })
  return new Uint8Array(Buffer.concat([header, body]))
}

/** A data page of version 2 of an optional top-level column, not compressed. `nullCount` is what its header claims. */
export function dataPageV2(values: Uint8Array, isPresent: readonly boolean[], nullCount: number): Uint8Array {
  const levels = Buffer.concat(isPresent.map((present) => levelRun(present, 1)))
  const data = thriftStruct({
    1: i32(isPresent.length),
    2: i32(nullCount),
    3: i32(isPresent.length),
    4: i32(0),
    5: i32(levels.length),
    6: i32(0),
    7: thriftBoolean(false),
  })
  const size = i32(levels.length + values.length)
  const header = writeThriftStruct({ 1: i32(3), 2: size, 3: size, 8: data })
  return new Uint8Array(Buffer.concat([header, levels, values]))
}

/** The body of a data page of version 1 of an optional column that only has nulls. */
export function nullsPage(rowCount: number): Uint8Array {
  const levels = levelRun(false, rowCount)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(levels.length)
  return dataPage(Buffer.concat([length, levels]), rowCount)
}

/** A run of up to 63 levels of one bit, RLE. */
function levelRun(isPresent: boolean, count: number): Buffer {
  return Buffer.from([count << 1, isPresent ? 1 : 0])
}

/** INT64 values, PLAIN. */
export function plainLongs(values: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values).buffer)
}

/** BYTE_ARRAY values, PLAIN. */
export function plainTexts(values: readonly string[]): Uint8Array {
  const parts = values.map((value) => {
    const text = Buffer.from(value)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(text.length)
    return Buffer.concat([length, text])
  })
  return new Uint8Array(Buffer.concat(parts))
}
