import { AppError } from '@/lib/errors'
import type { ChunkReader } from '../chunk-reader'
import { FlatTable, toSize } from './flat-table'

/** A message: a schema, a dictionary or a record batch. */
export type ArrowMessage = {
  /** Its position in the file. */
  start: number
  kind: 'schema' | 'dictionary' | 'batch'
  header: FlatTable
  body: Uint8Array
}

/** @returns fewer bytes for a shorter file */
export type ReadEnd = (sizeBytes: number) => Promise<Uint8Array>

const MAGIC = 'ARROW1'
/** The length of the footer, and the magic. */
const FILE_END_BYTES = 10
const FEATHER_1_MAGIC = 'FEA1'
const CONTINUATION = -1
const MAX_METADATA_BYTES = 16 * 1024 * 1024
const MAX_BODY_BYTES = 256 * 1024 * 1024
type DamagedError = (detail: string, cause?: unknown) => AppError

const KINDS: Readonly<Record<number, ArrowMessage['kind']>> = { 1: 'schema', 2: 'dictionary', 3: 'batch' }

/**
 * The messages of an IPC stream, or of an IPC file (Feather, version 2): between its magic and its footer a file has the
 * messages of a stream, so both are read in one pass.
 *
 * Spec: Arrow Columnar Format, *IPC Streaming Format* and *IPC File Format*.
 *
 * @throws {AppError} file-damaged with the position; too-large; not-supported for Feather, version 1
 */
export async function* readArrowMessages(
  file: ChunkReader,
  { label, readEnd }: { label: string; readEnd: ReadEnd },
): AsyncGenerator<ArrowMessage> {
  const isFile = await takeMagic(file, label)
  let isFirst = true
  const readFooterSchema = async (start: number, damagedError: DamagedError): Promise<ArrowMessage> => {
    const header = parseFooter(await readEnd(FILE_END_BYTES), await readEnd(MAX_METADATA_BYTES), damagedError)
    return { start, kind: 'schema', header, body: new Uint8Array() }
  }
  for (;;) {
    const start = file.position
    const damagedError = (detail: string, cause?: unknown) =>
      new AppError('file-damaged', `The ${label} cannot be read: the message at byte ${start} ${detail}`, {
        cause,
        facts: { file: label, position: start },
      })
    const metadataBytes = await takeMetadataLength(file)
    // Arrow's writer in JavaScript leaves the schema out where the specification has it.
    if (isFirst && isFile && metadataBytes === 'mark') yield await readFooterSchema(start, damagedError)
    // A stream may end without a mark, a file may not.
    if (metadataBytes === 'mark' || (metadataBytes === 'end' && !isFile && start > 0)) return
    if (metadataBytes === 'end') throw damagedError('ends too early')
    if (metadataBytes < 0 || metadataBytes > MAX_METADATA_BYTES)
      throw damagedError(`claims ${metadataBytes} bytes of metadata`)
    const metadata = (await file.take(metadataBytes)).slice()
    if (metadata.length < metadataBytes) throw damagedError('ends too early')
    const { kind, header, bodyBytes } = parseMessage(metadata, damagedError)
    if (bodyBytes > MAX_BODY_BYTES)
      throw new AppError(
        'too-large',
        `The message at byte ${start} of the ${label} has more than 256 MiB. Write the file with fewer rows in a batch.`,
        { facts: { file: label, position: start } },
      )
    const bytes = await file.take(bodyBytes)
    // Dictionaries are used after the reader has read on, other bodies only before.
    const body = kind === 'dictionary' ? bytes.slice() : bytes
    if (body.length < bodyBytes) throw damagedError('ends too early')
    if (kind === null) continue
    if (isFirst && isFile && kind !== 'schema') yield await readFooterSchema(start, damagedError)
    isFirst = false
    yield { start, kind, header, body }
  }
}

async function takeMagic(file: ChunkReader, label: string): Promise<boolean> {
  const head = new TextDecoder('latin1').decode(await file.peek(8))
  if (head.startsWith(FEATHER_1_MAGIC))
    throw new AppError(
      'not-supported',
      `The ${label} is a Feather file of version 1. Write it with version 2, which is Arrow's file format.`,
      { facts: { file: label } },
    )
  if (head.startsWith(MAGIC)) {
    await file.take(8)
    return true
  }
  // A stream begins with a schema: its mark, or in older streams the length of the metadata.
  const length = head.startsWith('\xff\xff\xff\xff') || /^[^]{2}\0\0/.test(head)
  if (length) return false
  throw new AppError('file-damaged', `The ${label} cannot be read: it is neither an Arrow file nor an Arrow stream`, {
    facts: { file: label },
  })
}

/** `mark`: the end of the stream as it is written there; `end`: no more bytes. */
async function takeMetadataLength(file: ChunkReader): Promise<number | 'mark' | 'end'> {
  let bytes = (await file.take(4)).slice()
  if (bytes.length < 4) return 'end'
  let length = new DataView(bytes.buffer).getInt32(0, true)
  if (length === CONTINUATION) {
    bytes = (await file.take(4)).slice()
    if (bytes.length < 4) return 'end'
    length = new DataView(bytes.buffer).getInt32(0, true)
  }
  return length === 0 ? 'mark' : length
}

/** The schema in the footer of a file. */
function parseFooter(fileEnd: Uint8Array, end: Uint8Array, damagedError: DamagedError): FlatTable {
  try {
    const footerBytes = new DataView(fileEnd.buffer, fileEnd.byteOffset, fileEnd.byteLength).getInt32(0, true)
    const footerEnd = end.length - FILE_END_BYTES
    const hasMagic = new TextDecoder('latin1').decode(fileEnd.subarray(4)) === MAGIC
    if (!hasMagic || footerBytes < 0 || footerBytes > footerEnd) throw new RangeError('no footer')
    const schema = FlatTable.root(end.slice(footerEnd - footerBytes, footerEnd)).table(1)
    if (schema === null) throw new RangeError('no schema')
    return schema
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw damagedError('comes before a schema, and the file has no footer with one', error)
  }
}

function parseMessage(
  metadata: Uint8Array,
  damagedError: DamagedError,
): { kind: ArrowMessage['kind'] | null; header: FlatTable; bodyBytes: number } {
  try {
    const message = FlatTable.root(metadata)
    const header = message.table(2)
    if (header === null) throw new RangeError('no header')
    return { kind: KINDS[message.byte(1)] ?? null, header, bodyBytes: toSize(message.long(3)) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw damagedError('has damaged metadata', error)
  }
}
