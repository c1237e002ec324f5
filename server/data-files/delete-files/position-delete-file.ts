import 'server-only'
import { compareBytes } from '@/lib/compare-bytes'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { NO_METRICS } from '@/lib/iceberg/manifest/manifest'
import { ENCODINGS, type Encoding } from '@/lib/parquet/footer'
import { bitsNeeded } from '@/lib/parquet/hybrid'
import { PHYSICAL_TYPES, type PhysicalType } from '@/lib/parquet/schema-node'
import { ByteWriter } from '@/lib/parquet/write/byte-writer'
import { encodeRun } from '@/lib/parquet/write/encode-hybrid'
import {
  encodeFileMetadata,
  PAGE_KINDS,
  type PageKind,
  type WrittenChunk,
  type WrittenRowGroup,
  type WrittenStatistics,
} from '@/lib/parquet/write/file-metadata'
import {
  i32,
  type ThriftFields,
  thriftList,
  thriftStruct,
  thriftText,
  writeThriftStruct,
} from '@/lib/parquet/write/thrift-writer'
import { DELETE_FILE_PATH_ID, DELETE_POSITION_ID, POSITION_DELETE_FIELDS } from '@/lib/scan/deletes/position-deletes'
import { pageCompressors } from '@/server/parquet/transcode/page-compressors'

const MAGIC = 'PAR1'
/** Positions of a row group; a group ends with a data file, or within one that has more. */
const GROUP_ROWS = 1_000_000
const REQUIRED = 0
const UTF8 = 0

/** Positions of one data file, in their order. */
export type PathPositions = { path: string; positions: Uint32Array }

/**
 * Writes a position delete file: rows by path and position, zstd, with field ids and bounds by which readers find the
 * data files that it names.
 *
 * Spec: Iceberg table spec, *Position Delete Files*.
 */
export async function writePositionDeleteFile(deletes: readonly PathPositions[]): Promise<Uint8Array> {
  const sorted = deletes
    .map(({ path, positions }) => ({ bytes: new TextEncoder().encode(path), positions: positions.toSorted() }))
    .toSorted((a, b) => compareBytes(a.bytes, b.bytes))
  const out = new ByteWriter()
  out.bytes(new TextEncoder().encode(MAGIC))
  const rowGroups: WrittenRowGroup[] = []
  for (const group of toGroups(sorted)) rowGroups.push(await writeGroup(out, group))
  const footer = encodeFileMetadata({
    formatVersion: 1,
    schema: thriftList('struct', [
      thriftStruct({ 4: thriftText('table'), 5: i32(POSITION_DELETE_FIELDS.length) }),
      columnElement(0, 'BYTE_ARRAY', { 6: i32(UTF8), 10: thriftStruct({ 1: thriftStruct({}) }) }),
      columnElement(1, 'INT64', {}),
    ]),
    rowGroups,
    keyValues: [{ key: 'delete-type', value: 'position' }],
    createdBy: 'Lakeshore',
    leafCount: POSITION_DELETE_FIELDS.length,
  })
  out.bytes(footer)
  out.int32(footer.length)
  out.bytes(new TextEncoder().encode(MAGIC))
  return out.written()
}

/** The manifest's description of such a file. */
export function describePositions(deletes: readonly PathPositions[]): Pick<DataFile, 'recordCount' | 'metrics'> {
  const rowCount = deletes.reduce((total, { positions }) => total + positions.length, 0)
  const names = deletes.map(({ path }) => Buffer.from(path)).toSorted(Buffer.compare)
  let [least, greatest] = [2 ** 32, 0]
  for (const { positions } of deletes) {
    for (const position of positions) {
      least = Math.min(least, position)
      greatest = Math.max(greatest, position)
    }
  }
  const bounds = (path: Uint8Array | undefined, position: number) =>
    new Map<number, Uint8Array>([
      [DELETE_FILE_PATH_ID, path ?? new Uint8Array(0)],
      [DELETE_POSITION_ID, new Uint8Array(new BigInt64Array([BigInt(position)]).buffer)],
    ])
  const counts = (count: number) =>
    new Map([
      [DELETE_FILE_PATH_ID, count],
      [DELETE_POSITION_ID, count],
    ])
  return {
    recordCount: rowCount,
    metrics: {
      columnSizesBytes: NO_METRICS,
      valueCounts: counts(rowCount),
      nullValueCounts: counts(0),
      nanValueCounts: NO_METRICS,
      // Not shortened: readers take equal bounds for the only file that is named.
      lowerBounds: bounds(names[0], least),
      upperBounds: bounds(names.at(-1), greatest),
    },
  }
}

type Group = readonly { bytes: Uint8Array; positions: Uint32Array }[]

function* toGroups(deletes: Group): Generator<Group> {
  let group: { bytes: Uint8Array; positions: Uint32Array }[] = []
  let rows = 0
  for (const { bytes, positions } of deletes) {
    for (let at = 0; at < positions.length; ) {
      const part = positions.subarray(at, at + GROUP_ROWS - rows)
      group.push({ bytes, positions: part })
      rows += part.length
      at += part.length
      if (rows < GROUP_ROWS) continue
      yield group
      group = []
      rows = 0
    }
  }
  if (group.length > 0) yield group
}

async function writeGroup(out: ByteWriter, group: Group): Promise<WrittenRowGroup> {
  const startOffset = out.length
  const rowCount = group.reduce((total, { positions }) => total + positions.length, 0)
  const dictionary = new ByteWriter()
  const indexes = new ByteWriter()
  const bitWidth = bitsNeeded(group.length - 1)
  indexes.byte(bitWidth)
  const positions = new ByteWriter()
  let [least, greatest] = [2 ** 32, 0]
  for (const [index, one] of group.entries()) {
    dictionary.int32(one.bytes.length)
    dictionary.bytes(one.bytes)
    encodeRun(index, one.positions.length, bitWidth, indexes)
    for (const position of one.positions) {
      positions.int64(BigInt(position))
      least = Math.min(least, position)
      greatest = Math.max(greatest, position)
    }
  }
  const first = group[0]?.bytes ?? new Uint8Array(0)
  const last = group.at(-1)?.bytes ?? first
  const paths = await writeChunk(out, 0, 'BYTE_ARRAY', rowCount, {
    pages: [
      { kind: 'dictionary', encoding: 'PLAIN', body: dictionary.written(), valueCount: group.length },
      { kind: 'data', encoding: 'RLE_DICTIONARY', body: indexes.written(), valueCount: rowCount },
    ],
    statistics: { min: { value: first, isExact: true }, max: { value: last, isExact: true } },
  })
  const numbers = await writeChunk(out, 1, 'INT64', rowCount, {
    pages: [{ kind: 'data', encoding: 'PLAIN', body: positions.written(), valueCount: rowCount }],
    statistics: {
      min: { value: longBytes(least), isExact: true },
      max: { value: longBytes(greatest), isExact: true },
    },
  })
  return { rowCount, startOffset, columns: [paths, numbers], sortingColumns: [] }
}

type Page = { kind: PageKind; encoding: Encoding; body: Uint8Array; valueCount: number }

async function writeChunk(
  out: ByteWriter,
  column: number,
  physicalType: PhysicalType,
  valueCount: number,
  { pages, statistics }: { pages: readonly Page[]; statistics: WrittenStatistics },
): Promise<WrittenChunk> {
  const startOffset = out.length
  const offsets = new Map<PageKind, number>()
  let encodedBytes = 0
  for (const page of pages) {
    offsets.set(page.kind, out.length)
    const stored = await pageCompressors.zstd(page.body, null)
    const header = writeThriftStruct({
      1: i32(PAGE_KINDS.indexOf(page.kind)),
      2: i32(page.body.length),
      3: i32(stored.length),
      ...pageFields(page),
    })
    out.bytes(header)
    out.bytes(stored)
    encodedBytes += header.length + page.body.length
  }
  return {
    physicalType,
    path: [POSITION_DELETE_FIELDS[column]?.name ?? ''],
    codec: 'zstd',
    valueCount,
    nullCount: 0,
    encodedBytes,
    storedBytes: out.length - startOffset,
    dataPageOffset: offsets.get('data') ?? startOffset,
    dictionaryPageOffset: offsets.get('dictionary') ?? null,
    pages: pages.map(({ kind, encoding }) => ({ kind, encoding, count: 1 })),
    statistics,
    byteArrayBytes: null,
    columnIndex: null,
    offsetIndex: null,
    bloomFilter: null,
  }
}

function pageFields({ kind, encoding, valueCount }: Page): ThriftFields {
  const encodingNumber = i32(ENCODINGS.indexOf(encoding))
  const rle = i32(ENCODINGS.indexOf('RLE'))
  return kind === 'dictionary'
    ? { 7: thriftStruct({ 1: i32(valueCount), 2: encodingNumber }) }
    : { 5: thriftStruct({ 1: i32(valueCount), 2: encodingNumber, 3: rle, 4: rle }) }
}

function columnElement(column: number, physicalType: PhysicalType, fields: ThriftFields) {
  const field = POSITION_DELETE_FIELDS[column]
  return thriftStruct({
    1: i32(PHYSICAL_TYPES.indexOf(physicalType)),
    3: i32(REQUIRED),
    4: thriftText(field?.name ?? ''),
    9: i32(field?.id ?? 0),
    ...fields,
  })
}

function longBytes(value: number): Uint8Array {
  const bytes = new ByteWriter()
  bytes.int64(BigInt(value))
  return bytes.written()
}
