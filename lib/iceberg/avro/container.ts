import { AppError } from '@/lib/errors'
import { type AvroType, minSizeBytes, parseAvroType } from './avro-type'
import { ByteCursor } from './byte-cursor'
import { ByteSink } from './byte-sink'
import type { AvroBlockCodecs, AvroCodec, AvroCodecs } from './codecs'
import { type AvroValue, valueWriter } from './write-value'

/**
 * Avro object container files: a header with the writer's schema, then blocks of records.
 *
 * Avro 1.12 specification, *Object Container Files*.
 */
export type AvroFile = {
  schema: AvroType
  /** The header's values as text, including `avro.schema` and `avro.codec`. */
  headerText: (key: string) => string | null
  /**
   * Blocks in order, decompressed. The reader must read exactly `recordCount` records from the cursor.
   *
   * @throws {AppError} file-damaged · not-supported for an unsupported codec
   */
  blocks(): Generator<{ recordCount: number; cursor: ByteCursor }>
}

const MAGIC = [0x4f, 0x62, 0x6a, 0x01] // "Obj", version 1
export const SYNC_BYTES = 16
const MAX_HEADER_KEYS = 1000

// A manifest is 8 MiB by default (`commit.manifest.target-size-bytes`) and rarely compresses better than 20 to 1.
const MAX_DECODED_BYTES = 512 * 1024 * 1024
const RECORDS_PER_BLOCK = 1000

/**
 * @param label the name of the file, for error messages: `manifest file:///…`
 * @throws {AppError} file-damaged
 */
export function openAvroFile(
  bytes: Uint8Array,
  {
    label,
    codecs,
    maxDecodedBytes = MAX_DECODED_BYTES,
  }: { label: string; codecs: AvroCodecs; maxDecodedBytes?: number },
): AvroFile {
  const cursor = new ByteCursor(bytes, label)
  const { schema, headerText, codec, syncMarker } = readAvroHeader(cursor)
  const firstBlock = cursor.position

  return { schema, headerText, blocks }

  function* blocks(): Generator<{ recordCount: number; cursor: ByteCursor }> {
    const recordBytes = Math.max(minSizeBytes(schema), 1)
    let budgetBytes = maxDecodedBytes
    cursor.position = firstBlock
    while (cursor.remainingBytes > 0) {
      const recordCount = cursor.count()
      const compressed = cursor.binary()
      const block = new ByteCursor(decompress(compressed, budgetBytes), label)
      budgetBytes -= block.bytes.length
      if (recordCount * recordBytes > block.bytes.length)
        throw cursor.damagedError(`a block of ${recordCount} records does not fit its ${block.bytes.length} bytes`)
      if (cursor.fixed(SYNC_BYTES).some((byte, index) => byte !== syncMarker[index]))
        throw cursor.damagedError('a block does not end where it should')
      yield { recordCount, cursor: block }
      if (block.remainingBytes > 0)
        throw cursor.damagedError(`a block has ${block.remainingBytes} bytes after its last record`)
    }
  }

  function decompress(compressed: Uint8Array, budgetBytes: number): Uint8Array {
    try {
      return decompressBlock(compressed, { codec: requireCodec(codec, label), codecs, label, maxBytes: budgetBytes })
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause
      throw new AppError('too-large', `The ${label} holds more than ${maxDecodedBytes} bytes once decompressed`, {
        cause,
        facts: { file: label, maxDecodedBytes },
      })
    }
  }
}

export type AvroHeader = Pick<AvroFile, 'schema' | 'headerText'> & { codec: string; syncMarker: Uint8Array }

/**
 * Reads what comes before the first block, and leaves the cursor there.
 *
 * @param maxDepth of the schema
 * @throws {AppError} file-damaged
 */
export function readAvroHeader(cursor: ByteCursor, maxDepth?: number): AvroHeader {
  if (MAGIC.some((byte, index) => cursor.bytes[index] !== byte)) throw cursor.damagedError('it is not an Avro file')
  cursor.skip(MAGIC.length)
  const header = readHeader(cursor)
  const syncMarker = cursor.fixed(SYNC_BYTES)
  const headerText = (key: string): string | null => {
    const value = header.get(key)
    return value === undefined ? null : new TextDecoder().decode(value)
  }
  const schemaText = headerText('avro.schema')
  if (schemaText === null) throw cursor.damagedError('its header has no schema')
  const schema = parseAvroType(parseJson(schemaText, cursor), cursor.label, maxDepth)
  return { schema, headerText, codec: headerText('avro.codec') ?? 'null', syncMarker }
}

/** @throws {AppError} not-supported for the other codecs of the specification, and any other name */
export function requireCodec(name: string, label: string): AvroCodec {
  if (isCodec(name)) return name
  throw new AppError('not-supported', `The ${label} is compressed with ${name}, which Lakeshore cannot read`, {
    facts: { file: label, codec: name },
  })
}

/** @throws {AppError} file-damaged; {RangeError} when the result would be longer than `maxBytes` */
export function decompressBlock(
  compressed: Uint8Array,
  { codec, codecs, label, maxBytes }: { codec: AvroCodec; codecs: AvroBlockCodecs; label: string; maxBytes: number },
): Uint8Array {
  if (compressed.length > maxBytes) throw new RangeError(`a block of ${compressed.length} bytes`)
  if (codec === 'null') return compressed
  try {
    return codecs.decompress(codec, compressed, maxBytes)
  } catch (cause) {
    if (cause instanceof RangeError) throw cause
    throw new AppError('file-damaged', `The ${label} cannot be read: a block cannot be decompressed (${codec})`, {
      cause,
      facts: { file: label, codec },
    })
  }
}

/**
 * Builds a whole file, compressed with deflate as Java writes it (`gzip` in the table property means deflate).
 *
 * @param schema the writer's schema as JSON, with Iceberg's field ids
 * @param header additional header values, e.g. `format-version`
 */
export function writeAvroFile(
  schema: object,
  records: readonly AvroValue[],
  header: Readonly<Record<string, string>>,
  codecs: AvroCodecs,
): Uint8Array {
  const write = valueWriter(parseAvroType(schema, 'Avro file to write'))
  const entries = Object.entries({ ...header, 'avro.schema': JSON.stringify(schema), 'avro.codec': 'deflate' })
  const file = new ByteSink()
  const syncMarker = crypto.getRandomValues(new Uint8Array(SYNC_BYTES))
  file.fixed(Uint8Array.from(MAGIC))
  file.long(entries.length)
  for (const [key, value] of entries) {
    file.text(key)
    file.text(value)
  }
  file.long(0)
  file.fixed(syncMarker)
  for (let start = 0; start < records.length; start += RECORDS_PER_BLOCK) {
    const blockSink = new ByteSink()
    const batch = records.slice(start, start + RECORDS_PER_BLOCK)
    for (const record of batch) write(blockSink, record)
    file.long(batch.length)
    file.binary(codecs.deflate(blockSink.bytes()))
    file.fixed(syncMarker)
  }
  return file.bytes().slice()
}

function readHeader(cursor: ByteCursor): Map<string, Uint8Array> {
  const header = new Map<string, Uint8Array>()
  for (let count = cursor.integer(); count !== 0; count = cursor.integer()) {
    if (count < 0) cursor.skipLong()
    if (header.size + Math.abs(count) > MAX_HEADER_KEYS)
      throw cursor.damagedError(`its header has more than ${MAX_HEADER_KEYS} values`)
    for (let index = 0; index < Math.abs(count); index += 1) header.set(cursor.text(), cursor.binary())
  }
  return header
}

function parseJson(text: string, cursor: ByteCursor): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('file-damaged', `The ${cursor.label} cannot be read: its Avro schema is not JSON`, { cause })
  }
}

function isCodec(name: string): name is AvroCodec {
  return name === 'null' || name === 'deflate' || name === 'snappy' || name === 'zstandard'
}
