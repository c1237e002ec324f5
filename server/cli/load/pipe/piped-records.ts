import 'server-only'
import { AppError } from '@/lib/errors'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import { divideCsvRecords, MAX_RECORD_BYTES } from '@/lib/ingest/csv-records'

/** The records of a text, divided between records alone. */
export type PipedRecords = {
  /** The beginning of a file with some of the records. Known once the first record is read. */
  head(): Uint8Array
  /** Whole records, in their order. */
  read(): AsyncIterable<Uint8Array>
}

const [LF, CR] = [0x0a, 0x0d]
const [GZIP, ZSTD] = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])]

/** @throws {AppError} too-large for a line of more than 16 MiB */
export function pipedLines(pipe: AsyncIterable<Uint8Array>): PipedRecords {
  return { head: () => new Uint8Array(), read: () => readLines(pipe) }
}

/** @throws {AppError} too-large for a record of more than 16 MiB */
export function pipedCsv(pipe: AsyncIterable<Uint8Array>, options: CsvOptions & { delimiter: string }): PipedRecords {
  const { delimiter, quote, skippedLines } = options
  let header: Uint8Array = new Uint8Array()
  let isHeaderNext = options.hasHeader

  async function* readRecords(): AsyncGenerator<Uint8Array> {
    const syntax = { delimiter, quote, skippedLines, isAlone: () => isHeaderNext }
    for await (const block of divideCsvRecords(pipe, syntax)) {
      const bytes = block.slice()
      if (!isHeaderNext) yield bytes
      else if (!isEmptyLine(bytes)) {
        header = bytes
        isHeaderNext = false
      }
    }
  }

  // A load skips these lines in each part.
  return { head: () => Buffer.concat([Buffer.alloc(skippedLines, LF), header]), read: readRecords }
}

/** Whether the bytes of a text are compressed, by the first of them. */
export function isCompressed(beginning: Uint8Array): boolean {
  return [GZIP, ZSTD].some((magic) => magic.equals(beginning.subarray(0, magic.length)))
}

function isEmptyLine(record: Uint8Array): boolean {
  return record.every((byte) => byte === LF || byte === CR)
}

async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(LF) + 1
    if (end > 0) yield Buffer.concat([rest, chunk.subarray(0, end)])
    rest = Buffer.concat(end > 0 ? [chunk.subarray(end)] : [rest, chunk])
    if (rest.length > MAX_RECORD_BYTES) throw new AppError('too-large', 'A line has more than 16 MiB.')
  }
  if (rest.length > 0) yield rest
}
