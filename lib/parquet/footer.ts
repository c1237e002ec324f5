import type { ByteSource } from './byte-source'
import { DamagedParquet, withFileName, OversizedParquet, UnsupportedParquet } from './errors'
import { readSchema, type SchemaNode } from './schema-node'
import { readThrift, type ThriftStruct } from './thrift'

/**
 * The footer of a Parquet file, not verified: counts and offsets are checked against the file's length when they are
 * used.
 *
 * Spec: apache/parquet-format, `parquet.thrift`, *FileMetaData*.
 */
export type ParquetFooter = {
  formatVersion: number
  createdBy: string | null
  rowCount: number
  schema: SchemaNode
  /** Columns that contain values, in the order of the schema and of every row group. */
  leaves: readonly SchemaNode[]
  rowGroups: readonly RowGroup[]
  keyValues: readonly { key: string; value: string | null }[]
  /** By leaf, whether `min` and `max` are in the order that the column's type defines. */
  hasTypeOrder: readonly boolean[]
  /** Length of the footer itself. */
  footerBytes: number
}

export type RowGroup = {
  rowCount: number
  /** Index of its first row in the file. */
  firstRow: number
  columns: readonly ColumnChunk[]
}

export type ColumnChunk = {
  /** Index in `leaves`. */
  leaf: number
  codec: StoredCodec
  encodings: readonly StoredEncoding[]
  /** Whether every data page refers to the dictionary; null if the footer does not say. */
  isAllDictionary: boolean | null
  /** Values and nulls at all levels. */
  valueCount: number
  /** Sizes of all pages including their headers, before and after compression. */
  encodedBytes: number
  storedBytes: number
  /** Offset of its pages in the file, starting with the dictionary page if there is one. */
  startOffset: number
  dataPageOffset: number
  /** From the footer; null if it has none. */
  dictionaryPageOffset: number | null
  statistics: Statistics | null
  /** Total bytes of strings and binaries, unencoded; null if the writer left it out. */
  byteArrayBytes: number | null
  offsetIndex: { offset: number; lengthBytes: number } | null
  columnIndex: { offset: number; lengthBytes: number } | null
  bloomFilter: { offset: number; lengthBytes: number | null } | null
  /** Its pages are encrypted, so its other members are not known. */
  isEncrypted?: true
}

export type Statistics = {
  nullCount: number | null
  distinctCount: number | null
  /** In the plain encoding of the column's physical type, without a length; may be truncated. */
  min: Uint8Array | null
  max: Uint8Array | null
  /** From the older fields, whose order is that of the signed physical type. */
  signedMin: Uint8Array | null
  signedMax: Uint8Array | null
}

export const CODECS = ['uncompressed', 'snappy', 'gzip', 'lzo', 'brotli', 'lz4', 'zstd', 'lz4_raw'] as const
export type Codec = (typeof CODECS)[number]
/** A codec that Lakeshore does not know, by its number. Other columns of the file may have codecs that it knows. */
export type UnknownCodec = `codec ${number}`
export type StoredCodec = Codec | UnknownCodec

/** By their number in the format; 1 was never used. */
export const ENCODINGS = [
  'PLAIN',
  'GROUP_VAR_INT',
  'PLAIN_DICTIONARY',
  'RLE',
  'BIT_PACKED',
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
  'RLE_DICTIONARY',
  'BYTE_STREAM_SPLIT',
] as const
export type Encoding = (typeof ENCODINGS)[number]
export type StoredEncoding = Encoding | `encoding ${number}`

/** One read of the file's end contains nearly every footer. */
const DEFAULT_TAIL_BYTES = 64 * 1024
export const MAX_FOOTER_BYTES = 64 * 1024 * 1024
const MAX_COLUMN_CHUNKS = 2_000_000
/** The field of the row groups. Read all at once, those of a large file would take tens of megabytes. */
const ROW_GROUPS = 4

/**
 * Reads the footer of a Parquet file with one read of its end, and a second one only if the footer is longer.
 *
 * @param options.tailBytes how many bytes of the end to read first; 64 KiB by default
 * @throws {AppError} file-damaged with the file's name and the reason, not-supported (encrypted), too-large
 */
export async function readFooter(source: ByteSource, options: ReadFooterOptions = {}): Promise<ParquetFooter> {
  const bytes = await readFooterBytes(source, options)
  return await withFileName(source.name, () => parseFooter(bytes, source.byteLength))
}

type ReadFooterOptions = { tailBytes?: number; signal?: AbortSignal }

/** The bytes of the footer, without length and magic. As {@link readFooter} otherwise. */
export async function readFooterBytes(
  source: ByteSource,
  { tailBytes = DEFAULT_TAIL_BYTES, signal }: ReadFooterOptions = {},
): Promise<Uint8Array> {
  return await withFileName(source.name, async () => {
    let tail = await readEnd(source, Math.max(12, tailBytes), signal)
    const { byteLength } = source
    if (tail.length < 12) throw new DamagedParquet(`the file is ${byteLength} bytes long, too short for a Parquet file`)
    const tailStart = byteLength - tail.length
    const footerBytes = readFooterLength(tail, byteLength)
    const footerStart = byteLength - 8 - footerBytes
    if (footerStart < tailStart) {
      const head = await source.read(footerStart, tailStart, signal)
      const joined = new Uint8Array(head.length + tail.length)
      joined.set(head)
      joined.set(tail, head.length)
      tail = joined
    }
    return tail.subarray(tail.length - 8 - footerBytes, tail.length - 8)
  })
}

/** The end of a file of any length; empty for an empty one. */
async function readEnd(source: ByteSource, lengthBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
  if (source.readEnd) return await source.readEnd(lengthBytes, signal)
  const start = Math.max(0, source.byteLength - lengthBytes)
  return start < source.byteLength ? await source.read(start, source.byteLength, signal) : new Uint8Array()
}

function readFooterLength(tail: Uint8Array, byteLength: number): number {
  const magic = String.fromCharCode(...tail.subarray(tail.length - 4))
  if (magic === 'PARE') throw new UnsupportedParquet('the file is encrypted')
  if (magic !== 'PAR1') throw new DamagedParquet('the Parquet footer is missing; the file is probably truncated')
  const bytes = new DataView(tail.buffer, tail.byteOffset + tail.length - 8, 4).getUint32(0, true)
  if (bytes > byteLength - 12) {
    throw new DamagedParquet(`the footer claims ${bytes} bytes, but the file has ${byteLength}`)
  }
  if (bytes > MAX_FOOTER_BYTES)
    throw new OversizedParquet(`its footer has ${bytes} bytes, more than ${MAX_FOOTER_BYTES}`)
  return bytes
}

/** Parses the bytes of the footer, without length and magic. `byteLength` is the file's. */
export function parseFooter(bytes: Uint8Array, byteLength: number): ParquetFooter {
  return parseCopiedFooter(bytes, byteLength).footer
}

/** The parts that {@link ParquetFooter} leaves out, and a file that is written again has to have, too. */
export type CopiedParts = {
  /** The elements of its schema. */
  schema: readonly ThriftStruct[]
  /** By row group. */
  sortingColumns: readonly (readonly ThriftStruct[])[]
}

/** The same as {@link parseFooter}, with the parts that are copied. */
export function parseCopiedFooter(bytes: Uint8Array, byteLength: number): { footer: ParquetFooter } & CopiedParts {
  const { struct } = readThrift(bytes, 0, ROW_GROUPS)
  const schema = struct.structs(2) ?? []
  const { root, leaves } = readSchema(schema)
  const groupCount = struct.structCount(ROW_GROUPS)
  if (groupCount * leaves.length > MAX_COLUMN_CHUNKS) {
    throw new OversizedParquet(`it has ${groupCount} row groups of ${leaves.length} columns, which is too many`)
  }
  const paths = leaves.map(({ path }) => path.map((name) => new TextEncoder().encode(name)))
  let firstRow = 0
  const rowGroups: RowGroup[] = []
  const sortingColumns: (readonly ThriftStruct[])[] = []
  for (const group of struct.eachStruct(ROW_GROUPS)) {
    const rowGroup = toRowGroup(group, firstRow, paths, byteLength)
    firstRow += rowGroup.rowCount
    rowGroups.push(rowGroup)
    sortingColumns.push(group.structs(4) ?? [])
  }
  const rowCount = struct.count(3, "the file's row count")
  // An early Rust writer wrote 0 there.
  if (rowCount !== firstRow && rowCount !== 0) {
    throw new DamagedParquet(`the footer says ${rowCount} rows, but its row groups have ${firstRow}`)
  }
  const footer = {
    formatVersion: struct.int(1) ?? 0,
    createdBy: struct.text(6) ?? null,
    rowCount: firstRow,
    schema: root,
    leaves,
    rowGroups,
    keyValues: (struct.structs(5) ?? []).map((pair) => ({ key: pair.text(1) ?? '', value: pair.text(2) ?? null })),
    hasTypeOrder: toColumnOrders(struct, leaves.length),
    footerBytes: bytes.length,
  }
  return { footer, schema, sortingColumns }
}

/** Without an order of its own, a column's bounds have no meaning. */
function toColumnOrders(metadata: ThriftStruct, leafCount: number): boolean[] {
  const orders = metadata.structs(7) ?? []
  return Array.from({ length: leafCount }, (_, leaf) => orders[leaf]?.has(1) ?? false)
}

function toRowGroup(group: ThriftStruct, firstRow: number, paths: readonly Path[], byteLength: number): RowGroup {
  const columns = group.structs(1) ?? []
  if (columns.length !== paths.length) {
    throw new DamagedParquet(`a row group has ${columns.length} columns, but the schema has ${paths.length}`)
  }
  return {
    rowCount: group.count(3, "a row group's row count"),
    firstRow,
    columns: columns.map((column, leaf) => toColumnChunk(column, leaf, paths[leaf] ?? [], byteLength)),
  }
}

/** Names from the top, as their bytes. */
type Path = readonly Uint8Array[]

function toColumnChunk(column: ThriftStruct, leaf: number, path: Path, byteLength: number): ColumnChunk {
  if (column.has(1)) throw new UnsupportedParquet('it stores columns in other files, which Lakeshore cannot read')
  // A file whose footer is not encrypted may have encrypted columns next to others.
  if (column.has(8)) return { ...EMPTY_CHUNK, leaf, isEncrypted: true }
  const meta = column.struct(3)
  if (!meta) throw new DamagedParquet('a column chunk has no metadata')
  if (!isSamePath(meta.bytesList(3) ?? [], path)) {
    throw new DamagedParquet("a row group's columns are not in the order of the schema")
  }
  const dataPageOffset = meta.count(9, "a column chunk's page offset")
  const dictionaryPageOffset = meta.int(11) ?? null
  const storedBytes = meta.count(7, "a column chunk's length")
  // Some writers write 0 if there is no dictionary page.
  const startOffset =
    dictionaryPageOffset !== null && dictionaryPageOffset > 0 && dictionaryPageOffset < dataPageOffset
      ? dictionaryPageOffset
      : dataPageOffset
  if (startOffset + storedBytes > byteLength) {
    throw new DamagedParquet(`a column chunk ends at byte ${startOffset + storedBytes}, but the file has ${byteLength}`)
  }
  const bloomOffset = meta.int(14)
  return {
    leaf,
    codec: nameEnum(CODECS, meta.int(4), 'codec'),
    encodings: (meta.ints(2) ?? []).map((number) => nameEnum(ENCODINGS, number, 'encoding')),
    isAllDictionary: readPageEncodings(meta),
    valueCount: meta.count(5, "a column chunk's value count"),
    encodedBytes: meta.count(6, "a column chunk's plain length"),
    storedBytes,
    startOffset,
    dataPageOffset,
    dictionaryPageOffset,
    statistics: toStatistics(meta.struct(12)),
    byteArrayBytes: meta.struct(16)?.int(1) ?? null,
    offsetIndex: readByteRange(column, 4, byteLength),
    columnIndex: readByteRange(column, 6, byteLength),
    bloomFilter: bloomOffset === undefined ? null : { offset: bloomOffset, lengthBytes: meta.int(15) ?? null },
  }
}

const DATA_PAGES = [0, 3]

/** By the number of pages of each encoding. */
function readPageEncodings(meta: ThriftStruct): boolean | null {
  const pages = meta.structs(13)?.filter((page) => DATA_PAGES.includes(page.int(1) ?? -1) && page.int(3) !== 0)
  if (!pages || pages.length === 0) return null
  return pages.every((page) => ['PLAIN_DICTIONARY', 'RLE_DICTIONARY'].includes(ENCODINGS[page.int(2) ?? -1] ?? ''))
}

/** A column chunk without bytes in a file. */
export const EMPTY_CHUNK: Omit<ColumnChunk, 'leaf'> = {
  codec: 'uncompressed',
  encodings: [],
  isAllDictionary: null,
  valueCount: 0,
  encodedBytes: 0,
  storedBytes: 0,
  startOffset: 0,
  dataPageOffset: 0,
  dictionaryPageOffset: null,
  statistics: null,
  byteArrayBytes: null,
  offsetIndex: null,
  columnIndex: null,
  bloomFilter: null,
}

function isSamePath(one: Path, other: Path): boolean {
  return (
    one.length === other.length &&
    one.every((name, i) => {
      const otherName = other[i]
      return otherName?.length === name.length && name.every((byte, at) => byte === otherName[at])
    })
  )
}

function readByteRange(column: ThriftStruct, field: number, byteLength: number) {
  const offset = column.int(field)
  const lengthBytes = column.int(field + 1)
  if (offset === undefined || lengthBytes === undefined || lengthBytes <= 0) return null
  if (offset < 0 || offset + lengthBytes > byteLength) {
    throw new DamagedParquet(`a page index ends at byte ${offset + lengthBytes}, but the file has ${byteLength}`)
  }
  return { offset, lengthBytes }
}

function toStatistics(statistics: ThriftStruct | undefined): Statistics | null {
  if (!statistics) return null
  return {
    nullCount: statistics.int(3) ?? null,
    distinctCount: statistics.int(4) ?? null,
    min: statistics.bytes(6) ?? null,
    max: statistics.bytes(5) ?? null,
    signedMin: statistics.bytes(2) ?? null,
    signedMax: statistics.bytes(1) ?? null,
  }
}

/** @throws {UnsupportedParquet} for a number that Lakeshore does not know, {DamagedParquet} without one */
export function decodeEnum<T>(names: readonly T[], number: number | undefined, label: string): T {
  const known = requireNumber(number, label)
  const name = names[known]
  if (name !== undefined) return name
  throw new UnsupportedParquet(`it uses the ${label} ${known}, which Lakeshore cannot read`)
}

/** As {@link decodeEnum}, but a number that Lakeshore does not know is the name. */
function nameEnum<T, Label extends string>(
  names: readonly T[],
  number: number | undefined,
  label: Label,
): T | `${Label} ${number}` {
  const known = requireNumber(number, label)
  return names[known] ?? `${label} ${known}`
}

function requireNumber(number: number | undefined, label: string): number {
  if (number !== undefined && number >= 0) return number
  throw new DamagedParquet(`the ${label} ${number ?? 'of a column'} is not defined by Parquet`)
}
