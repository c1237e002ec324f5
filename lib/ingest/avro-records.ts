import { AppError } from '@/lib/errors'
import { type AvroRecord, type AvroType, minSizeBytes } from '@/lib/iceberg/avro/avro-type'
import { ByteCursor } from '@/lib/iceberg/avro/byte-cursor'
import type { AvroBlockCodecs, AvroCodec } from '@/lib/iceberg/avro/codecs'
import {
  type AvroHeader,
  decompressBlock,
  readAvroHeader,
  requireCodec,
  SYNC_BYTES,
} from '@/lib/iceberg/avro/container'
import { type AvroValueReader, createAvroRowReader } from './avro-value'
import { ChunkReader } from './chunk-reader'
import { RecordSize } from './record-size'
import { RecordReading, UnloadableField, type ValueRecord } from './value-reader'

/** Two integers of at most ten bytes. */
const MAX_BLOCK_HEADER_BYTES = 20
const FIRST_HEADER_BYTES = 64 * 1024
const MAX_HEADER_BYTES = 16 * 1024 * 1024
const MAX_BLOCK_BYTES = 128 * 1024 * 1024
/** A list of structs takes up to four levels: union, array, union, record. */
const MAX_SCHEMA_DEPTH = 256
/** A batch is in memory together, so it ends with its records or with their size. */
const MAX_BATCH_RECORDS = 1_000
const MAX_BATCH_BYTES = 1024 * 1024

export type AvroReadOptions = {
  /** The name of the file, for error messages. */
  name: string
  codecs: AvroBlockCodecs
  /** Whether the bytes are only the beginning of a file, so that a block without its end is left out. */
  isTruncated: boolean
  /** Fields that may have types without a form in JSON. */
  ignoredFields: readonly string[]
}

/**
 * The records of an Avro object container file, in batches.
 *
 * Avro 1.12 specification, *Object Container Files*.
 *
 * @throws {AppError} file-damaged with the position; too-large for a block of more than 128 MiB or a record of more than
 *   16 MiB; not-supported for other codecs and for fields without a form in JSON
 */
export async function* readAvroRecords(
  chunks: AsyncIterable<Uint8Array>,
  options: AvroReadOptions,
): AsyncGenerator<ValueRecord[]> {
  const label = `Avro file ${options.name}`
  const file = new ChunkReader(chunks)
  const { schema, codec: codecName, syncMarker } = await readHeader(file, label)
  const record = requireRecord(schema, label)
  const codec = requireCodec(codecName, label)
  await options.codecs.load?.(codec)
  const layout: Layout = { label, codec, codecs: options.codecs, recordBytes: Math.max(minSizeBytes(record), 1) }
  const read = createRowReader(record, options, label)
  const reading = new RecordReading(new RecordSize(label))
  let recordsBefore = 0
  for (;;) {
    const block = await takeBlock(file, { label, syncMarker, isTruncated: options.isTruncated })
    if (block === null) return
    yield* readBlock(block, { ...layout, read, reading, recordsBefore })
    recordsBefore += block.recordCount
  }
}

/**
 * The type of the records of a file, from its header alone.
 *
 * @throws {AppError} file-damaged; not-supported for values that are no records
 */
export async function readAvroFileType(chunks: AsyncIterable<Uint8Array>, name: string): Promise<AvroRecord> {
  const label = `Avro file ${name}`
  const { schema } = await readHeader(new ChunkReader(chunks), label)
  return requireRecord(schema, label)
}

async function readHeader(file: ChunkReader, label: string): Promise<AvroHeader> {
  for (let sizeBytes = FIRST_HEADER_BYTES; ; sizeBytes *= 8) {
    const requestedBytes = Math.min(sizeBytes, MAX_HEADER_BYTES)
    const bytes = await file.peek(requestedBytes)
    const cursor = new ByteCursor(bytes, label)
    try {
      const header = readAvroHeader(cursor, MAX_SCHEMA_DEPTH)
      // The bytes of the reader are valid only until it reads on.
      const syncMarker = header.syncMarker.slice()
      await file.take(cursor.position)
      return { ...header, syncMarker }
    } catch (error) {
      const isWhole = bytes.length < requestedBytes || requestedBytes === MAX_HEADER_BYTES
      // Only a header that ended too early is read again.
      if (isWhole || !cursor.isExhausted) throw error
    }
  }
}

/** A file may hold values of any type, but only records are rows. */
function requireRecord(schema: AvroType, label: string): AvroRecord {
  const type = schema.kind === 'union' && schema.branches.length === 1 ? schema.branches[0] : schema
  if (type?.kind !== 'record')
    throw new AppError('not-supported', `The ${label} cannot be loaded: its values are not records.`, {
      facts: { file: label },
    })
  const names = type.fields.map(({ name }) => name)
  const repeated = names.find((name, i) => names.indexOf(name) !== i)
  if (repeated === undefined) return type
  throw new AppError('file-damaged', `The ${label} cannot be read: its schema has the field ${repeated} twice`, {
    facts: { file: label },
  })
}

function createRowReader(record: AvroRecord, { ignoredFields }: AvroReadOptions, label: string): AvroValueReader {
  try {
    return createAvroRowReader(record, { ignoredFields: new Set(ignoredFields), label })
  } catch (error) {
    throw error instanceof UnloadableField ? error.toAppError(label) : error
  }
}

/** @param start position of the block in the file */
type Block = { start: number; recordCount: number; stored: Uint8Array }

/** Null at the end of the file. */
async function takeBlock(
  file: ChunkReader,
  { label, syncMarker, isTruncated }: { label: string; syncMarker: Uint8Array; isTruncated: boolean },
): Promise<Block | null> {
  const start = file.position
  const head = await file.peek(MAX_BLOCK_HEADER_BYTES)
  if (head.length === 0) return null
  const damagedError = (detail: string) =>
    new AppError('file-damaged', `The ${label} cannot be read: the block at byte ${start} ${detail}`, {
      facts: { file: label, position: start },
    })
  const cursor = new ByteCursor(head, label)
  const sizes = readSizes(cursor, head.length < MAX_BLOCK_HEADER_BYTES)
  if (sizes === null && isTruncated) return null
  if (sizes === null) throw damagedError('ends too early')
  const { recordCount, storedBytes } = sizes
  if (storedBytes > MAX_BLOCK_BYTES) throw oversizedBlockError(label, start)
  await file.take(cursor.position)
  const bytes = await file.take(storedBytes + SYNC_BYTES)
  if (bytes.length < storedBytes + SYNC_BYTES) {
    if (isTruncated) return null
    throw damagedError('ends too early')
  }
  if (bytes.subarray(storedBytes).some((byte, i) => byte !== syncMarker[i]))
    throw damagedError('does not end where it should')
  return { start, recordCount, stored: bytes.subarray(0, storedBytes) }
}

/** Null if the bytes end too early. */
function readSizes(cursor: ByteCursor, isEnd: boolean): { recordCount: number; storedBytes: number } | null {
  try {
    return { recordCount: cursor.count(), storedBytes: cursor.count() }
  } catch (error) {
    if (isEnd && cursor.isExhausted) return null
    throw error
  }
}

type Layout = { label: string; codec: AvroCodec; codecs: AvroBlockCodecs; recordBytes: number }
type BlockReading = Layout & { read: AvroValueReader; reading: RecordReading; recordsBefore: number }

function* readBlock(block: Block, { read, reading, recordsBefore, ...layout }: BlockReading): Generator<ValueRecord[]> {
  const { start, recordCount } = block
  const cursor = new ByteCursor(decompress(block, layout), layout.label)
  if (recordCount * layout.recordBytes > cursor.remainingBytes)
    throw cursor.damagedError(
      `the block at byte ${start} does not have room for ${recordCount} records in its ${cursor.remainingBytes} bytes`,
    )
  let batch: ValueRecord[] = []
  let batchBytes = 0
  for (let i = 1; i <= recordCount; i += 1) {
    const line = recordsBefore + i
    reading.begin(line)
    const token = readRecord(read, cursor, reading, { line, start })
    batch.push({ line, token, problem: reading.problem })
    batchBytes += reading.size.bytes
    if (batch.length < MAX_BATCH_RECORDS && batchBytes < MAX_BATCH_BYTES) continue
    yield batch
    batch = []
    batchBytes = 0
  }
  if (cursor.remainingBytes > 0)
    throw cursor.damagedError(`the block at byte ${start} has ${cursor.remainingBytes} bytes after its last record`)
  if (batch.length > 0) yield batch
}

/** Adds where in the file a damaged record is: the cursor knows only its position in the block. */
function readRecord(
  read: AvroValueReader,
  cursor: ByteCursor,
  reading: RecordReading,
  { line, start }: { line: number; start: number },
): ValueRecord['token'] {
  try {
    return read(cursor, reading)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'file-damaged') throw error
    throw new AppError('file-damaged', `${error.message} (record ${line}, in the block at byte ${start})`, {
      cause: error,
      facts: { ...error.facts, line, position: start },
    })
  }
}

function decompress({ start, stored }: Block, { label, codec, codecs }: Layout): Uint8Array {
  try {
    return decompressBlock(stored, { codec, codecs, label, maxBytes: MAX_BLOCK_BYTES })
  } catch (error) {
    if (error instanceof RangeError) throw oversizedBlockError(label, start)
    if (!(error instanceof AppError)) throw error
    const detail = `${error.message}, at byte ${start}`
    throw new AppError(error.code, detail, { cause: error, facts: { ...error.facts, position: start } })
  }
}

function oversizedBlockError(label: string, start: number): AppError {
  return new AppError('too-large', `The block at byte ${start} of the ${label} has more than 128 MiB.`, {
    facts: { file: label, position: start },
  })
}
