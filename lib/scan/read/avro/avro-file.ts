import type { AvroType } from '@/lib/iceberg/avro/avro-type'
import { ByteCursor } from '@/lib/iceberg/avro/byte-cursor'
import type { AvroBlockCodecs, AvroCodec } from '@/lib/iceberg/avro/codecs'
import {
  type AvroHeader,
  decompressBlock,
  readAvroHeader,
  requireCodec,
  SYNC_BYTES,
} from '@/lib/iceberg/avro/container'
import { minSizeBytes } from '@/lib/iceberg/avro/avro-type'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { ReserveMemory } from '@/lib/parquet/values'
import { CountedSource, type ReadTally } from '../../counted-source'
import type { FetchGroupOptions, ReadVectors } from '../fetch-options'
import { type DataFileFacts, mappingOf, missingValueOf } from '../file-facts'
import { readMetadataColumn } from '../metadata-columns'
import { avroLabel, oversizedBlockError, unsupportedAvroError } from './avro-errors'
import { type FieldIds, resolveFieldIds } from './avro-fields'
import type { BlockCache } from './block-cache'
import { type AvroBlock, BlockIndex, MAX_BLOCK_BYTES } from './block-index'
import { createRecordBuilder } from './column-builder'

/** An Avro file whose header was read, and whose codec is loaded. */
export type OpenAvroFile = {
  format: 'avro'
  source: CountedSource
  facts: DataFileFacts
  /** The file has no row groups of its own, so rows are grouped by their number. */
  rowGroups: readonly { firstRow: number; rowCount: number }[]
  schema: AvroType
  ids: FieldIds
  codec: AvroCodec
  codecs: AvroBlockCodecs
  label: string
  index: BlockIndex
  blockCache: BlockCache | undefined
}

type OpenOptions = {
  codecs: AvroBlockCodecs
  tally: ReadTally
  /** By file, so that no other file can have its blocks. */
  blockCache?: BlockCache | undefined
  signal?: AbortSignal | undefined
}

/** A file up to this size is read at once. */
const SMALL_FILE_BYTES = 64 * 1024
const FIRST_HEADER_BYTES = 64 * 1024
const MAX_HEADER_BYTES = 16 * 1024 * 1024
/** A list of structs takes up to four levels: union, array, union, record. */
const MAX_SCHEMA_DEPTH = 256

/**
 * @throws {AppError} file-damaged, not-supported for other codecs and for files without field ids in a table without a
 *   name mapping; of the source
 */
export async function openAvroDataFile(
  source: ByteSource,
  facts: DataFileFacts,
  { codecs, tally, blockCache, signal }: OpenOptions,
): Promise<OpenAvroFile> {
  const label = avroLabel(source.name)
  const counted = new CountedSource(source, tally)
  const { byteLength: declaredBytes } = source
  // The end of a file corrects its length, and is the marker that ends each block.
  const end = await counted.readEnd(
    declaredBytes <= SMALL_FILE_BYTES ? Math.max(declaredBytes, SYNC_BYTES) : SYNC_BYTES,
    signal,
  )
  const { header, bytes, firstBlock } = await readHeader(counted, label, signal)
  const { schema, syncMarker } = header
  const lastBytes = end.subarray(-SYNC_BYTES)
  if (lastBytes.length < SYNC_BYTES || lastBytes.some((byte, index) => byte !== syncMarker[index]))
    throw new ByteCursor(end, label).damagedError('it does not end with a whole block')
  const codec = requireCodec(header.codec, label)
  const ids = resolveFieldIds(schema, mappingOf(facts))
  if (!ids) throw unsupportedAvroError(label, 'its columns have no field ids, and the table has no name mapping')
  await codecs.load?.(codec)
  const index = new BlockIndex({ label, recordCount: facts.recordCount, syncMarker, firstBlock }, bytes)
  const rowGroups = groupRows(facts.recordCount, counted.byteLength)
  return { format: 'avro', source: counted, facts, rowGroups, schema, ids, codec, codecs, label, index, blockCache }
}

/** Reads more of the file until its header is complete. */
async function readHeader(
  source: CountedSource,
  label: string,
  signal?: AbortSignal,
): Promise<{ header: AvroHeader; bytes: Uint8Array; firstBlock: number }> {
  for (let size = FIRST_HEADER_BYTES; ; size *= 8) {
    const length = Math.min(size, MAX_HEADER_BYTES, source.byteLength)
    const bytes = await source.read(0, length, signal)
    const cursor = new ByteCursor(bytes, label)
    try {
      const header = readAvroHeader(cursor, MAX_SCHEMA_DEPTH)
      return { header, bytes, firstBlock: cursor.position }
    } catch (error) {
      const isWhole = length === source.byteLength || length === MAX_HEADER_BYTES
      // Only a header that ended too early is read again.
      if (isWhole || !cursor.isExhausted) throw error
    }
  }
}

const MAX_GROUP_ROWS = 122_880
/** Blocks compress up to about a hundredfold, and a decoded group has to stay within the limits. */
const MAX_GROUP_BYTES = 4 * 1024 * 1024

function groupRows(recordCount: number, fileBytes: number): OpenAvroFile['rowGroups'] {
  const byBytes = Math.ceil((recordCount * MAX_GROUP_BYTES) / Math.max(1, fileBytes))
  const groupRowCount = Math.max(1, Math.min(MAX_GROUP_ROWS, byBytes))
  return Array.from({ length: Math.ceil(recordCount / groupRowCount) }, (_, index) => {
    const firstRow = index * groupRowCount
    return { firstRow, rowCount: Math.min(groupRowCount, recordCount - firstRow) }
  })
}

/**
 * Fetches the blocks that contain some rows of a group. The result decodes them: any rows among these, without waiting.
 *
 * @throws {UnreadableAvroColumn}; {AppError} file-damaged, not-supported, too-large, as does the result; what
 *   `reserveMemory` throws
 */
export async function fetchAvroGroup(
  file: OpenAvroFile,
  groupIndex: number,
  { from, to, fields, readsWhole = false, reserveMemory, signal }: FetchGroupOptions,
): Promise<ReadVectors> {
  const { source, index, blockCache } = file
  const groupStart = file.rowGroups[groupIndex]?.firstRow
  if (groupStart === undefined) throw new Error(`there is no row group ${groupIndex}`)
  const startRecords = (expectedCount: number, reserve: ReserveMemory) =>
    createRecordBuilder(file.schema, fields, {
      ids: file.ids,
      missingValueOf: missingValueOf(file.facts),
      reserveMemory: reserve,
      label: file.label,
      expectedCount,
    })
  // A column of another type is refused before blocks are fetched, because the others are then read again.
  startRecords(0, reserveMemory)
  const found = await index.findBlocks(groupStart + from, groupStart + to, source, signal)
  const blocks = found.map(({ block, stored }) => ({
    ...block,
    stored,
    plain: blockCache?.get(index, block.start) ?? null,
  }))
  reserveMemory(found.reduce((sum, { block }) => sum + block.end - block.start, 0))
  const missing = blocks.filter(({ stored, plain }) => stored === null && plain === null)
  const fetched = await source.readSpans(missing, signal)
  missing.forEach((block, i) => {
    block.stored = fetched[i] ?? null
  })
  const readPlain = (block: (typeof blocks)[number], reserve: ReserveMemory): Uint8Array => {
    if (block.plain !== null) return block.plain
    const plain = decompress(file, block.stored ?? new Uint8Array(0))
    reserve(plain.length)
    if (!readsWhole && blockCache) block.plain = blockCache.set(index, block.start, plain)
    return plain
  }
  const recordBytes = minSizeBytes(file.schema)
  return (first, last, reserve) => {
    const records = startRecords(last - first, reserve)
    const [start, end] = [groupStart + first, groupStart + last]
    for (const block of blocks) {
      if (block.firstRow >= end || block.firstRow + block.rowCount <= start) continue
      const cursor = new ByteCursor(readPlain(block, reserve), file.label)
      if (block.rowCount * recordBytes > cursor.remainingBytes)
        throw cursor.damagedError(
          `a block of ${block.rowCount} records does not fit its ${cursor.remainingBytes} bytes`,
        )
      readRecords(records, cursor, block, start, end)
    }
    const rows = { firstPosition: start, reserveMemory: reserve }
    return records.finish(last - first).map((stored, i) => {
      const field = fields[i]
      return (field && readMetadataColumn(field, stored, file.facts.origin, rows)) ?? stored
    })
  }
}

function readRecords(
  records: ReturnType<typeof createRecordBuilder>,
  cursor: ByteCursor,
  { firstRow, rowCount }: AvroBlock,
  first: number,
  last: number,
): void {
  const end = Math.min(rowCount, last - firstRow)
  for (let i = 0; i < Math.min(first - firstRow, end); i++) records.skip(cursor)
  for (let i = Math.max(0, first - firstRow); i < end; i++) records.read(cursor)
  if (end === rowCount && cursor.remainingBytes > 0)
    throw cursor.damagedError(`a block has ${cursor.remainingBytes} bytes after its last record`)
}

function decompress({ codec, codecs, label }: OpenAvroFile, stored: Uint8Array): Uint8Array {
  try {
    return decompressBlock(stored, { codec, codecs, label, maxBytes: MAX_BLOCK_BYTES })
  } catch (error) {
    throw error instanceof RangeError ? oversizedBlockError(label, MAX_BLOCK_BYTES) : error
  }
}
