import 'server-only'
import { ENCODINGS } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { ByteWriter } from '@/lib/parquet/write/byte-writer'
import { encodeRun } from '@/lib/parquet/write/encode-hybrid'
import { i32, thriftStruct } from '@/lib/parquet/write/thrift-writer'
import { ChunkSummary } from './chunk-summary'
import type { ColumnLayout } from './column-layout'
import type { PageQueue, PlainPage } from './page-queue'
import { listRowNumbers, type RowNumbers } from './row-numbers'

/** A column of 64-bit integers at the end of the schema, which the file that is read does not have. */
export type AddedColumn = { name: string; fieldId: number; numbers: RowNumbers }

const VALUE_BYTES = 8
const NO_LEVELS = new Uint8Array(0)

export function addedNode({ name, fieldId }: AddedColumn, index: number): SchemaNode {
  return {
    name,
    path: [name],
    fieldId,
    repetition: 'optional',
    maxDefinition: 1,
    maxRepetition: 0,
    annotation: null,
    children: [],
    leaf: { index, physicalType: 'INT64', lengthBytes: 0 },
  }
}

/**
 * Writes the pages of a column chunk: PLAIN numbers, or a dictionary of one. Iceberg's vectorized readers know both, but
 * not deltas, before 1.10.
 *
 * @param rows of the row group, in the file
 */
export async function writeAddedChunk(
  { numbers }: AddedColumn,
  { firstRow, rowCount }: { firstRow: number; rowCount: number },
  { node, layout, queue }: { node: SchemaNode; layout: ColumnLayout; queue: PageQueue },
): Promise<ChunkSummary> {
  const summary = new ChunkSummary(node, layout)
  const encoding = numbers.counts ? 'PLAIN' : 'RLE_DICTIONARY'
  if (!numbers.counts) {
    const page: PlainPage = {
      kind: 'dictionary',
      levels: NO_LEVELS,
      body: plainNumbers(numbers, firstRow, 1),
      header: { 7: thriftStruct({ 1: i32(1), 2: i32(ENCODINGS.indexOf('PLAIN')) }) },
    }
    await queue.add(page, layout, (range) => summary.addDictionary('PLAIN', range))
  }
  const maxRows = Math.max(1, Math.min(layout.maxPageRows, Math.floor(layout.maxPageBytes / VALUE_BYTES)))
  for (let at = 0; at < rowCount; at += maxRows) {
    const count = Math.min(maxRows, rowCount - at)
    const row = firstRow + at
    const contents = {
      encoding,
      firstRow: at,
      nullCount: 0,
      isNull: false,
      byteArrayBytes: null,
      nanCount: 0,
      extremes: summary.order && {
        min: plainNumbers(numbers, row, 1),
        max: plainNumbers(numbers, row + count - 1, 1),
      },
    } as const
    const values = numbers.counts ? plainNumbers(numbers, row, count) : sameIndex(count)
    await queue.add(toPage(values, count, encoding), layout, (range) => summary.addPage('data', contents, range))
  }
  return summary
}

function toPage(values: Uint8Array, count: number, encoding: 'PLAIN' | 'RLE_DICTIONARY'): PlainPage {
  const definitions = new ByteWriter()
  encodeRun(1, count, 1, definitions)
  const body = new ByteWriter()
  body.int32(definitions.length)
  body.bytes(definitions.written())
  body.bytes(values)
  const [valueEncoding, levels] = [i32(ENCODINGS.indexOf(encoding)), i32(ENCODINGS.indexOf('RLE'))]
  return {
    kind: 'data',
    levels: NO_LEVELS,
    body: body.written(),
    header: { 5: thriftStruct({ 1: i32(count), 2: valueEncoding, 3: levels, 4: levels }) },
  }
}

function plainNumbers(numbers: RowNumbers, row: number, count: number): Uint8Array {
  return new Uint8Array(listRowNumbers(numbers, row, count).buffer)
}

/** Index 0 of a dictionary, one bit wide: some readers refuse a width of zero. */
function sameIndex(count: number): Uint8Array {
  const out = new ByteWriter()
  out.byte(1)
  encodeRun(0, count, 1, out)
  return out.written()
}
