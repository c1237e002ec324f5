import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { i32, thriftBoolean, thriftStruct } from '@/lib/parquet/write/thrift-writer'
import { findFixture } from '@/testing/find-fixture'
import { encodeColumns } from '@/testing/parquet/encode-columns'
import { EMPTY_METRICS } from '@/testing/iceberg/sample-data-file'
import {
  dataPage,
  dataPageV2,
  nullsPage,
  type PagedColumn,
  pagedFile,
  plainLongs,
  plainTexts,
} from '@/testing/parquet/paged-file'

/** A data file that is odd, and the table that it belongs to. */
export type OddFile = {
  /** Names what is odd. */
  kind: string
  fields: readonly NestedField[]
  /** Null if a file of another program is not there. */
  bytes: Uint8Array | null
  rowCount: number
  /** The texts of all values of the columns that can be read, by name. */
  readable: Readonly<Record<string, readonly (string | null)[]>>
  /** Why the other columns cannot be read, by name. */
  unreadable?: Readonly<Record<string, { code: 'file-damaged' | 'not-supported'; reason: string }>>
  /** The columns of the file itself, where the table has other types or names. */
  stored?: Readonly<Record<string, readonly (string | null)[]>>
  /** Why DuckDB cannot hold the values, which other doors show. */
  unheld?: string
  /** Facts of its entry in the manifest. */
  entry?: Partial<DataFile>
  properties?: Readonly<Record<string, string>>
}

const FOLDER = findFixture('reports')

function readReport(name: string): Uint8Array | null {
  return FOLDER === null ? null : new Uint8Array(readFileSync(path.join(FOLDER, name)))
}

const optional = (id: number, name: string, type: Type): NestedField => ({ id, name, required: false, type })
const list = (elementId: number, element: Type): Type => ({ type: 'list', elementId, element, elementRequired: false })

/** By their numbers in `parquet.thrift`. */
const [INT32, INT64, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY] = [1, 2, 6, 7]
const OPTIONAL = 1
const UTF8 = 0
const TEXT = { 6: i32(UTF8), 10: thriftStruct({ 1: thriftStruct({}) }) }

const IDS: PagedColumn = {
  name: 'id',
  fieldId: 1,
  physicalType: INT64,
  pages: dataPage(plainLongs([1n, 2n, 3n]), 3),
}
const NOTES: PagedColumn = {
  name: 'note',
  fieldId: 3,
  physicalType: BYTE_ARRAY,
  schema: TEXT,
  pages: dataPage(plainTexts(['a', 'b', 'c']), 3),
}
const READ = { id: ['1', '2', '3'], note: ['a', 'b', 'c'] }

/** A file of `id`, the odd column `odd`, and `note`. */
function withOddColumn(
  type: Type,
  odd: Omit<PagedColumn, 'name' | 'fieldId'>,
): Pick<OddFile, 'fields' | 'bytes' | 'rowCount'> {
  return {
    fields: [optional(1, 'id', 'long'), optional(2, 'odd', type), optional(3, 'note', 'string')],
    bytes: pagedFile([IDS, { name: 'odd', fieldId: 2, ...odd }, NOTES], 3),
    rowCount: 3,
  }
}

const MICROS = {
  6: i32(10),
  10: thriftStruct({ 8: thriftStruct({ 1: thriftBoolean(false), 2: thriftStruct({ 2: thriftStruct({}) }) }) }),
}
const LONGS = { physicalType: INT64, pages: dataPage(plainLongs([10n, 20n, 30n]), 3) }

/** One block of Hadoop's LZ4: both lengths, and a block of literals only. */
function hadoopLz4(plain: Uint8Array): Uint8Array {
  const block = Buffer.concat([Buffer.from([0xf0, plain.length - 15]), plain])
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32BE(plain.length)
  lengths.writeUInt32BE(block.length, 4)
  return new Uint8Array(Buffer.concat([lengths, block]))
}

function withCodec(codec: number, stored: (plain: Uint8Array) => Uint8Array): Omit<PagedColumn, 'name' | 'fieldId'> {
  const plain = plainLongs([10n, 20n, 30n])
  return { ...LONGS, codec, pages: dataPage(stored(plain), 3, { encodedBytes: plain.length }) }
}

const asStored = (plain: Uint8Array) => plain

/** The text claims more bytes than the page has. */
function tornTexts(): Uint8Array {
  const body = Buffer.from(plainTexts(['x', 'y', 'z']))
  body.writeUInt32LE(0x7fff_ffff)
  return dataPage(body, 3)
}

const readOdd = (...odd: (string | null)[]) => ({ ...READ, odd })
const unreadableOdd = (code: 'file-damaged' | 'not-supported', reason: string) => ({
  readable: READ,
  unreadable: { odd: { code, reason } },
})

const structOf = (...fields: NestedField[]): Type => ({ type: 'struct', fields })
const [UUID_FIELD, INT_FIELD] = [optional(3, 'u', 'uuid'), optional(4, 'n', 'int')]

const GREATEST_MICROS = [
  '+294247-01-10 04:00:54.775807',
  '+294247-01-10 04:00:54.775806',
  '-290308-12-21 19:59:05.224192',
  '-290308-12-21 19:59:05.224193',
  '-290308-12-21 19:59:05.224193',
  '1970-01-01 00:00:00',
]
const GREATEST_NANOS = [
  '2262-04-11 23:47:16.854775807',
  '2262-04-11 23:47:16.854775806',
  '1677-09-21 00:12:43.145224192',
  '1677-09-21 00:12:43.145224193',
  '1677-09-21 00:12:43.145224193',
  '1970-01-01 00:00:00',
]

export const ODD_FILES: readonly OddFile[] = [
  {
    kind: 'columns of nulls without a type, in a list and a struct too',
    fields: [
      optional(1, 'id', 'int'),
      optional(2, 's', 'string'),
      optional(3, 'n', 'decimal(9, 2)'),
      optional(4, 'd', 'timestamp'),
      optional(5, 'l', list(7, 'boolean')),
      optional(6, 'st', { type: 'struct', fields: [optional(8, 'x', 'uuid'), optional(9, 'y', 'int')] }),
    ],
    bytes: readReport('null-type-columns.parquet'),
    rowCount: 2,
    readable: {
      id: ['1', '2'],
      s: [null, null],
      n: [null, null],
      d: [null, null],
      l: ['[null, null]', null],
      st: ['{"x": null, "y": 5}', null],
    },
  },
  {
    kind: 'a column of nulls without a type',
    ...withOddColumn('double', {
      physicalType: INT32,
      schema: { 3: i32(OPTIONAL), 10: thriftStruct({ 11: thriftStruct({}) }) },
      pages: nullsPage(3),
    }),
    readable: readOdd(null, null, null),
  },
  {
    kind: 'pages of version 2 with −1 nulls',
    fields: [optional(1, 'id', 'int'), optional(2, 's', 'string')],
    bytes: readReport('v2-page-null-count-unknown.parquet'),
    rowCount: 50,
    readable: {
      id: Array.from({ length: 50 }, (_, i) => String(i)),
      s: Array.from({ length: 50 }, (_, i) => (i % 5 === 0 ? null : `v${i}`)),
    },
  },
  {
    kind: 'the greatest and least times',
    fields: [
      optional(1, 'id', 'int'),
      optional(2, 'ts', 'timestamp'),
      optional(3, 'tz', 'timestamptz'),
      optional(4, 'd', 'date'),
      optional(5, 'ns', 'timestamp_ns'),
      optional(6, 'nz', 'timestamptz_ns'),
    ],
    bytes: readReport('greatest-timestamps.parquet'),
    rowCount: 6,
    readable: {
      id: ['0', '1', '2', '3', '4', '5'],
      ts: GREATEST_MICROS,
      tz: GREATEST_MICROS.map((text) => `${text}+00:00`),
      d: ['+5881580-07-11', '+5881580-07-10', '-5877641-06-23', '-5877641-06-24', '-5877641-06-25', '1970-01-01'],
      ns: GREATEST_NANOS,
      nz: GREATEST_NANOS.map((text) => `${text}+00:00`),
    },
    properties: { 'format-version': '3' },
    unheld: 'Column ts has the value +294247-01-10T04:00:54.775807, which DuckDB would take for infinity.',
  },
  {
    kind: 'a UUID that was added to a struct',
    fields: [optional(1, 'id', 'long'), optional(2, 'odd', structOf(UUID_FIELD, INT_FIELD))],
    bytes: encodeColumns([
      { field: optional(1, 'id', 'long'), values: [1n, 2n] },
      { field: optional(2, 'odd', structOf(INT_FIELD)), values: [[5], null] },
    ]),
    rowCount: 2,
    readable: { id: ['1', '2'], odd: ['{"u": null, "n": 5}', null] },
    stored: { id: ['1', '2'], odd: ['{"n": 5}', null] },
  },
  {
    kind: 'a page of version 2 with a wrong number of nulls',
    ...withOddColumn('long', {
      physicalType: INT64,
      schema: { 3: i32(OPTIONAL) },
      pages: dataPageV2(plainLongs([10n, 30n]), [true, false, true], 3),
    }),
    readable: readOdd('10', null, '30'),
  },
  {
    kind: 'half floats of a double',
    ...withOddColumn('double', {
      physicalType: FIXED_LEN_BYTE_ARRAY,
      schema: { 2: i32(2), 10: thriftStruct({ 15: thriftStruct({}) }) },
      pages: dataPage(Uint8Array.of(0x00, 0x3c, 0x00, 0xc1, 0x00, 0x7c), 3),
    }),
    readable: readOdd('1', '-2.5', 'Infinity'),
  },
  {
    kind: 'old LZ4',
    ...withOddColumn('long', withCodec(5, hadoopLz4)),
    readable: readOdd('10', '20', '30'),
  },
  {
    kind: 'a damaged page',
    ...withOddColumn('string', { physicalType: BYTE_ARRAY, schema: TEXT, pages: tornTexts() }),
    ...unreadableOdd('file-damaged', 'a value reaches beyond its page'),
  },
  {
    kind: 'texts under a long',
    ...withOddColumn('long', {
      physicalType: BYTE_ARRAY,
      schema: TEXT,
      pages: dataPage(plainTexts(['x', 'y', 'z']), 3),
    }),
    ...unreadableOdd('not-supported', 'holds BYTE_ARRAY \\(string\\), which cannot be read as long'),
    stored: { ...READ, odd: ['x', 'y', 'z'] },
  },
  {
    kind: 'longs under a list',
    ...withOddColumn(list(7, 'long'), LONGS),
    ...unreadableOdd('not-supported', 'is not a list as in the table'),
    stored: { ...READ, odd: ['10', '20', '30'] },
  },
  {
    kind: 'an unknown codec',
    ...withOddColumn('long', withCodec(9, asStored)),
    ...unreadableOdd('not-supported', 'codec 9'),
  },
  {
    kind: 'LZO',
    ...withOddColumn('long', withCodec(3, asStored)),
    ...unreadableOdd('not-supported', 'LZO'),
  },
  {
    kind: 'an unknown encoding',
    ...withOddColumn('long', {
      ...LONGS,
      encoding: 10,
      pages: dataPage(plainLongs([10n, 20n, 30n]), 3, { encoding: 10 }),
    }),
    ...unreadableOdd('not-supported', 'encoding 10'),
  },
  {
    kind: 'an encrypted column',
    ...withOddColumn('long', { ...LONGS, chunk: { 8: thriftStruct({ 1: thriftStruct({}) }) } }),
    ...unreadableOdd('not-supported', 'encrypted'),
  },
  {
    kind: 'bounds that are not values of their types',
    ...withOddColumn('timestamp', { ...LONGS, schema: MICROS }),
    readable: readOdd('1970-01-01 00:00:00.000010', '1970-01-01 00:00:00.000020', '1970-01-01 00:00:00.000030'),
    entry: {
      metrics: {
        ...EMPTY_METRICS,
        lowerBounds: new Map([
          [2, Uint8Array.of(1, 2, 3)],
          [3, Uint8Array.of(0x61, 0xe2, 0x82)],
        ]),
        upperBounds: new Map([[2, Uint8Array.of(1, 2, 3, 4, 5)]]),
      },
    },
  },
  {
    kind: 'columns without ids, and a name mapping',
    fields: [optional(1, 'key', 'long'), optional(2, 'odd', 'long'), optional(3, 'note', 'string')],
    bytes: pagedFile(
      [
        { ...IDS, fieldId: null },
        { name: 'old', fieldId: null, ...LONGS },
        { ...NOTES, fieldId: null },
      ],
      3,
    ),
    rowCount: 3,
    readable: { key: READ.id, odd: ['10', '20', '30'], note: READ.note },
    stored: { id: READ.id, old: ['10', '20', '30'], note: READ.note },
    properties: {
      'schema.name-mapping.default': JSON.stringify([
        { 'field-id': 1, names: ['key', 'id'] },
        { 'field-id': 2, names: ['odd', 'old'] },
        { 'field-id': 3, names: ['note'] },
      ]),
    },
  },
]
