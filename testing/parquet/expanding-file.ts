import zlib from 'node:zlib'
import { CODECS } from '@/lib/parquet/footer'
import { columnChunk, fileMetaData, fileOf, rootElement, rowGroup, schemaElement } from './hand-made-file'
import { plainTextPage } from './sample-file'
import { int, list, struct, text, type Written, writeStruct } from './thrift-writer'

/**
 * Small Parquet files that hold much, in one row group: one value that repeats. DuckDB would take seconds to produce
 * all values before it writes them.
 */

const ENCODINGS = { PLAIN: 0, RLE: 3, RLE_DICTIONARY: 8 }
const TYPES = { BYTE_ARRAY: 6, FIXED_LEN_BYTE_ARRAY: 7 }
const REPETITIONS = { optional: 1, repeated: 2 }
const CONVERTED = { UTF8: 0, LIST: 3, DECIMAL: 5 }

/** Rows of one text, which is in a dictionary. Column `s` has the field id 1. */
export function repeatedTextFile({ lengthBytes, rowCount }: { lengthBytes: number; rowCount: number }): Uint8Array {
  const column = schemaElement('s', { 1: int(TYPES.BYTE_ARRAY), 6: int(CONVERTED.UTF8), 9: int(1) })
  return fileWith({
    schema: [rootElement(1), column],
    path: ['s'],
    type: TYPES.BYTE_ARRAY,
    rowCount,
    valueCount: rowCount,
    dictionary: plainTextPage(lengthBytes),
    page: indexesOf(rowCount),
  })
}

/** A row with a list of one text, which is in a dictionary. Column `l` has the field id 1, its element 2. */
export function textListFile({ lengthBytes, elementCount }: { lengthBytes: number; elementCount: number }): Uint8Array {
  return listFile({
    element: { 1: int(TYPES.BYTE_ARRAY), 6: int(CONVERTED.UTF8) },
    type: TYPES.BYTE_ARRAY,
    elementCount,
    definition: 3,
    dictionary: plainTextPage(lengthBytes),
    values: indexesOf(elementCount),
  })
}

/** A row with a list of nulls, of type decimal(38, 0). Column `l` has the field id 1, its element 2. */
export function nullListFile(elementCount: number): Uint8Array {
  return listFile({
    element: { 1: int(TYPES.FIXED_LEN_BYTE_ARRAY), 2: int(16), 6: int(CONVERTED.DECIMAL), 7: int(0), 8: int(38) },
    type: TYPES.FIXED_LEN_BYTE_ARRAY,
    elementCount,
    definition: 2,
    values: new Uint8Array(0),
  })
}

function listFile({
  element,
  type,
  elementCount,
  definition,
  dictionary,
  values,
}: {
  element: Record<number, Written>
  type: number
  elementCount: number
  /** The level of every element: 2 for a null, 3 for a value. */
  definition: number
  dictionary?: Uint8Array
  values: Uint8Array
}): Uint8Array {
  const optional = { 3: int(REPETITIONS.optional) }
  return fileWith({
    schema: [
      rootElement(1),
      struct({ ...optional, 4: text('l'), 5: int(1), 6: int(CONVERTED.LIST), 9: int(1) }),
      struct({ 3: int(REPETITIONS.repeated), 4: text('list'), 5: int(1) }),
      schemaElement('element', { ...optional, ...element, 9: int(2) }),
    ],
    path: ['l', 'list', 'element'],
    type,
    rowCount: 1,
    valueCount: elementCount,
    ...(dictionary && { dictionary }),
    page: Buffer.concat([
      sized(Buffer.concat([run(0, 1), run(1, elementCount - 1)])),
      sized(run(definition, elementCount)),
      values,
    ]),
  })
}

function fileWith({
  schema,
  path,
  type,
  rowCount,
  valueCount,
  dictionary,
  page,
}: {
  schema: readonly Written[]
  path: readonly string[]
  type: number
  rowCount: number
  valueCount: number
  dictionary?: Uint8Array
  page: Uint8Array
}): Uint8Array {
  const encoding = dictionary ? ENCODINGS.RLE_DICTIONARY : ENCODINGS.PLAIN
  const pages = Buffer.concat([
    ...(dictionary ? [pageOf(2, dictionary, { 7: struct({ 1: int(1), 2: int(ENCODINGS.PLAIN) }) })] : []),
    pageOf(0, page, {
      5: struct({ 1: int(valueCount), 2: int(encoding), 3: int(ENCODINGS.RLE), 4: int(ENCODINGS.RLE) }),
    }),
  ])
  const meta = {
    1: int(type),
    3: list(...path.map(text)),
    4: int(CODECS.indexOf('zstd')),
    5: int(valueCount),
    6: int(page.length + (dictionary?.length ?? 0)),
    7: int(pages.length),
  }
  const footer = fileMetaData({
    2: list(...schema),
    3: int(rowCount),
    4: list(rowGroup([columnChunk(path.join('.'), meta)], rowCount)),
  })
  return fileOf(footer, { pages })
}

/** A page after its header. */
function pageOf(type: number, plain: Uint8Array, header: Record<number, Written>): Uint8Array {
  const stored = zlib.zstdCompressSync(plain)
  return Buffer.concat([writeStruct({ 1: int(type), 2: int(plain.length), 3: int(stored.length), ...header }), stored])
}

/** Indexes of the only entry of a dictionary, after their width of one bit. */
function indexesOf(count: number): Uint8Array {
  return Buffer.concat([Uint8Array.of(1), run(0, count)])
}

/** A run of the hybrid of run lengths and packed bits, for values of up to eight bits. */
function run(value: number, count: number): Uint8Array {
  const bytes: number[] = []
  let header = count * 2
  for (; header >= 128; header = Math.floor(header / 128)) bytes.push((header % 128) + 128)
  return Uint8Array.from([...bytes, header, value])
}

function sized(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length)
  return Buffer.concat([length, bytes])
}
