import 'server-only'
import { type FileHandle, open } from 'node:fs/promises'
import { encodeText } from '@/lib/ingest/text-encoding'
import { type InputRequest, MAX_SAVED_BYTES, NO_RECORDS, type SavedRecords } from '../stage-request'
import { openCsvRecords, readCsvHeader } from '../csv/csv-file'
import { type InputRecord, openRecords, recordNumber, recordText } from '../input/input-records'
import type { LoadPlan } from '../input/load-plan'
import type { Rejects } from '../input/rejects'
import { findInCsv, findInJson } from './rejected-parts'

const CHUNK_BYTES = 1024 * 1024

export type RecordsRequest = {
  request: InputRequest
  plan: LoadPlan
  rejects: Rejects
  /** Null for a preview, which saves no records. */
  recordsFile: string | null
  isTruncated: boolean
}

/**
 * Reads a file once more, up to its last rejected row: it completes the rejects with their records, and saves the
 * records. Those of formats that are not text are saved as JSON.
 */
export async function saveRejectedRecords(saved: RecordsRequest): Promise<SavedRecords> {
  const { request, rejects, recordsFile } = saved
  if (rejects.records.size === 0 || request.input.format === 'parquet') return NO_RECORDS
  const file = recordsFile === null ? null : await RecordsFile.create(recordsFile)
  try {
    await (request.input.format === 'csv' ? saveCsv(saved, file) : saveJson(saved, file))
    return file?.saved ?? NO_RECORDS
  } finally {
    await file?.close()
  }
}

async function saveCsv(
  { request, plan, rejects, isTruncated }: RecordsRequest,
  file: RecordsFile | null,
): Promise<void> {
  const { csv, path } = request.input
  const header = await readCsvHeader({ path, options: csv, isTruncated }, plan)
  const { input, records } = openCsvRecords({ path, options: csv, isTruncated }, header)
  const decoder = new TextDecoder()
  const syntax = { delimiter: header.delimiter, quote: csv.quote, nullText: csv.nullText }
  let remaining = rejects.records.size
  // The lines before the header are skipped, whatever they hold.
  await file?.writeHead(encodeText('\n'.repeat(csv.skippedLines), csv.encoding))
  let isHeaderNext = csv.hasHeader
  try {
    for await (const { line, bytes } of records) {
      const isHeader = isHeaderNext && bytes.length > lineEndBytes(bytes)
      if (isHeaderNext) {
        isHeaderNext = !isHeader
        if (isHeader) await file?.writeHead(toFileBytes(bytes, csv.encoding, decoder))
        continue
      }
      if (!rejects.records.has(line)) continue
      await file?.write(toFileBytes(bytes, csv.encoding, decoder))
      const text = decoder.decode(bytes.subarray(0, bytes.length - lineEndBytes(bytes)))
      rejects.complete(line, text, findInCsv(plan, header.names, syntax))
      remaining -= 1
      if (remaining === 0) break
    }
  } finally {
    input.destroy()
  }
}

/** A record of a file in another encoding was read as UTF-8. Every record ends in a line end, also the last one. */
function toFileBytes(
  bytes: Uint8Array,
  encoding: InputRequest['input']['csv']['encoding'],
  decoder: TextDecoder,
): Uint8Array {
  const hasEnd = lineEndBytes(bytes) > 0
  if (encoding !== 'utf-8') return encodeText(`${decoder.decode(bytes)}${hasEnd ? '' : '\n'}`, encoding)
  return hasEnd ? bytes : Buffer.concat([bytes, Buffer.from('\n')])
}

function lineEndBytes(bytes: Uint8Array): number {
  const [last, before] = [bytes.at(-1), bytes.at(-2)]
  if (last === 0x0a) return before === 0x0d ? 2 : 1
  return last === 0x0d ? 1 : 0
}

async function saveJson(
  { request, plan, rejects, isTruncated }: RecordsRequest,
  file: RecordsFile | null,
): Promise<void> {
  const { input, batches } = openRecords(request.input, isTruncated)
  const decoder = new TextDecoder()
  let remaining = rejects.records.size
  try {
    for await (const records of batches) {
      for (const record of records) {
        const number = recordNumber(record)
        if (!rejects.records.has(number)) continue
        const bytes = onOneLine(recordBytes(record))
        await file?.write(Buffer.concat([bytes, Buffer.from('\n')]))
        // A form that corrects the saved record finds it by this text.
        rejects.complete(number, decoder.decode(bytes), findInJson(plan))
        remaining -= 1
      }
      if (remaining === 0) break
    }
  } finally {
    input.destroy()
  }
}

function recordBytes(record: InputRecord): Uint8Array {
  if ('text' in record && typeof record.text !== 'string') return record.text
  return Buffer.from(recordText(record) ?? '', 'utf8')
}

/** A line end in JSON is white space. */
function onOneLine(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte))
}

class RecordsFile {
  readonly #file: FileHandle
  #bytes = 0
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #isFull = false
  #saved = NO_RECORDS

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async create(path: string): Promise<RecordsFile> {
    return new RecordsFile(await open(path, 'wx', 0o600))
  }

  get saved(): SavedRecords {
    return this.#saved
  }

  async writeHead(bytes: Uint8Array): Promise<void> {
    await this.#append(bytes)
    this.#saved = { ...this.#saved, headBytes: this.#bytes }
  }

  /** Does nothing once the file is full. */
  async write(record: Uint8Array): Promise<void> {
    this.#isFull ||= this.#bytes + record.length > MAX_SAVED_BYTES
    if (this.#isFull) return
    this.#saved = { ...this.#saved, recordCount: this.#saved.recordCount + 1 }
    await this.#append(record)
  }

  async close(): Promise<void> {
    await this.#flush()
    await this.#file.close()
  }

  async #append(bytes: Uint8Array): Promise<void> {
    // The bytes are valid until the next record is read.
    this.#pending.push(bytes.slice())
    this.#pendingBytes += bytes.length
    this.#bytes += bytes.length
    if (this.#pendingBytes > CHUNK_BYTES) await this.#flush()
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    await this.#file.writeFile(bytes)
  }
}
