import 'server-only'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import type { Schema } from '@/lib/iceberg/schema/types'
import {
  CSV_DELIMITERS,
  type CsvDelimiter,
  type CsvField,
  type CsvRecord,
  readCsvRecords,
} from '@/lib/ingest/csv-records'
import { matchColumns } from './input-columns'
import { writeDefaultText, Misfit, toNestedText, toPrimitiveText } from '../cast/json-column'
import { JsonRowShapes } from './json-row-shapes'
import { JsonSyntax, parseJsonTokens } from '@/lib/ingest/json-tokens'
import type { Rejects } from './rejects'

/**
 * Rewrites CSV and NDJSON to one form that DuckDB reads fast: a CSV file with the input's line number and a text (or
 * null) for each column of the table. Rows that cannot be parsed are rejected here. Whether the texts fit their columns
 * is checked later, in the same way for all inputs.
 */

export type TextInput = {
  path: string
  schema: Schema
  ignoreExtra: boolean
  rejects: Rejects
  onProgress: (bytesRead: number, rowsRead: number) => void
}

export type RewrittenInput = {
  /** Without the header; empty lines do not count. */
  rowsRead: number
  /** The largest record of the new file, with its line end. */
  maxRecordBytes: number
}

const CHUNK_BYTES = 1024 * 1024
const SAMPLE_BYTES = 256 * 1024
const LF = 0x0a
const MAX_LINE_BYTES = 16 * 1024 * 1024

export type CsvHeader = { names: readonly string[]; delimiter: CsvDelimiter }

/**
 * The names in the first record, and the delimiter between them: the one with which they match columns of the table,
 * otherwise a comma.
 *
 * @throws {AppError} invalid-request when there is no header, or a name is empty
 */
export async function readCsvHeader(path: string, schema: Schema, ignoreExtra: boolean): Promise<CsvHeader> {
  const known = new Set<CsvField>(schema.fields.map(({ name }) => name))
  const matchesTable = (names: readonly CsvField[]) =>
    ignoreExtra ? names.length > 1 && names.some((name) => known.has(name)) : names.every((name) => known.has(name))
  for (const delimiter of CSV_DELIMITERS) {
    const header = await readFirstRecord(path, delimiter)
    if (header === null || 'malformed' in header || !matchesTable(header.fields)) continue
    return { names: requireNames(header.fields), delimiter }
  }
  const header = await readFirstRecord(path, ',')
  if (header === null)
    throw new AppError('invalid-request', 'The input is empty: a CSV file begins with the names of its columns.')
  if ('malformed' in header) throw new AppError('invalid-request', `The header ${header.malformed}.`)
  return { names: requireNames(header.fields), delimiter: ',' }
}

async function readFirstRecord(path: string, delimiter: CsvDelimiter): Promise<CsvRecord | null> {
  const input = createReadStream(path, { highWaterMark: 64 * 1024 })
  try {
    for await (const record of readCsvRecords(input, { delimiter })) return record
  } finally {
    input.destroy()
  }
  return null
}

function requireNames(fields: readonly CsvField[]): string[] {
  const names = fields.map((name) => name ?? '')
  const empty = names.indexOf('')
  if (empty >= 0) throw new AppError('invalid-request', `Column ${empty + 1} of the header has no name.`)
  return names
}

/** The approximate size of a record, from the first ones. */
export async function sampleCsvBytesPerRow(path: string): Promise<number> {
  const file = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0)
    let lines = 1
    for (let at = buffer.indexOf(LF); at >= 0 && at < bytesRead; at = buffer.indexOf(LF, at + 1)) lines += 1
    return bytesRead / lines
  } finally {
    await file.close()
  }
}

export async function rewriteCsv(
  { path, schema, ignoreExtra, rejects, onProgress }: TextInput,
  { names, delimiter }: CsvHeader,
  target: string,
): Promise<RewrittenInput> {
  const columnIndexes = matchColumns(schema, names, ignoreExtra)
  const absent = schema.fields.map(writeDefaultText)
  const input = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const output = await RowWriter.create(target)
  let records = 0
  try {
    for await (const record of readCsvRecords(input, { keepEmptyLines: names.length === 1, delimiter })) {
      records += 1
      if (records === 1) continue
      if ('malformed' in record) {
        rejects.rowCount += 1
        rejects.add({ line: record.line, column: null, value: record.text, reason: record.malformed })
      } else if (record.fields.length !== names.length) {
        rejects.rowCount += 1
        const reason = `has ${formatQuantity(record.fields.length, 'field')} but the header has ${names.length}`
        rejects.add({ line: record.line, column: null, value: record.fields.join(delimiter), reason })
      } else {
        const { fields } = record
        await output.write(
          record.line,
          columnIndexes.map((index, i) => (index === null ? absent[i] : fields[index]) ?? null),
        )
      }
      if (records % 65_536 === 0) onProgress(input.bytesRead, records)
    }
    onProgress(input.bytesRead, records)
  } finally {
    input.destroy()
    await output.close()
  }
  return { rowsRead: records - 1, maxRecordBytes: output.maxRecordBytes }
}

export async function rewriteNdjson(
  { path, schema, ignoreExtra, rejects, onProgress }: TextInput,
  target: string,
): Promise<RewrittenInput> {
  const reader = new JsonRowReader(schema, ignoreExtra)
  const input = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const output = await RowWriter.create(target)
  let rows = 0
  try {
    for await (const lines of readLines(input)) {
      for (const { line, text } of lines) {
        if (text !== null && /^[ \t\r]*$/.test(text)) continue
        rows += 1
        try {
          if (text === null) throw new JsonSyntax('is not UTF-8')
          output.add(line, reader.read(text))
        } catch (error) {
          if (!(error instanceof JsonSyntax) && !(error instanceof Misfit)) throw error
          rejects.rowCount += 1
          const misfit =
            error instanceof Misfit ? { column: error.at, value: error.value } : { column: null, value: text }
          rejects.add({ line, ...misfit, reason: error.message })
        }
      }
      await output.flushIfLarge()
      onProgress(input.bytesRead, rows)
    }
    onProgress(input.bytesRead, rows)
  } finally {
    input.destroy()
    await output.close()
  }
  return { rowsRead: rows, maxRecordBytes: output.maxRecordBytes }
}

/** Reads rows of one input. */
class JsonRowReader {
  readonly #schema: Schema
  readonly #known: ReadonlySet<string>
  readonly #ignoreExtra: boolean
  readonly #knownShapes: JsonRowShapes
  readonly #absent: readonly CsvField[]

  constructor(schema: Schema, ignoreExtra: boolean) {
    this.#schema = schema
    this.#known = new Set(schema.fields.map((field) => field.name))
    this.#ignoreExtra = ignoreExtra
    this.#absent = schema.fields.map(writeDefaultText)
    this.#knownShapes = new JsonRowShapes(schema, this.#absent)
  }

  /** @throws {JsonSyntax | Misfit} */
  read(text: string): CsvField[] {
    const fastFields = this.#knownShapes.read(text)
    if (fastFields !== null) return fastFields
    const row = parseJsonTokens(text)
    if (row.kind !== 'object') throw new JsonSyntax('is not a JSON object')
    if (!this.#ignoreExtra) {
      for (const key of row.members.keys()) {
        if (!this.#known.has(key)) throw new Misfit(key, null, 'is a field the table does not have')
      }
    }
    const fields = this.#schema.fields.map(({ name, type }, i) => {
      const token = row.members.get(name)
      if (token === undefined) return this.#absent[i] ?? null
      if (token.kind === 'null') return null
      if (typeof type !== 'string') return toNestedText(type, token, name, this.#ignoreExtra)
      const value = toPrimitiveText(type, token, name)
      if (value !== null && !value.isWellFormed())
        throw new Misfit(name, value, 'holds half a character (an unpaired surrogate)')
      return value
    })
    this.#knownShapes.addShape([...row.members.keys()])
    return fields
  }
}

type TextLine = { line: number; text: string | null }

/**
 * Lines of a text, numbered from 1, in batches; null for a line that is not UTF-8.
 *
 * @throws {AppError} too-large when a line is longer than 16 MiB
 */
async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TextLine[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let line = 0
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  const takeLines = (last: Uint8Array): TextLine[] => {
    const bytes = pending.length === 0 ? last : Buffer.concat([...pending, last])
    pending = []
    pendingBytes = 0
    const lines = decodeLines(bytes, decoder).map((text, i) => ({ line: line + i + 1, text }))
    const [first] = lines
    if (line === 0 && first?.text?.startsWith('\uFEFF')) first.text = first.text.slice(1)
    line += lines.length
    return lines
  }
  for await (const chunk of chunks) {
    const firstEnd = chunk.indexOf(LF)
    if (pendingBytes + (firstEnd < 0 ? chunk.length : firstEnd) > MAX_LINE_BYTES) throw tooLongError(line + 1)
    const lastEnd = chunk.lastIndexOf(LF)
    if (lastEnd >= 0) yield takeLines(chunk.subarray(0, lastEnd))
    const rest = chunk.subarray(lastEnd + 1)
    if (rest.length > 0) pending.push(rest)
    pendingBytes += rest.length
  }
  if (pending.length > 0) yield takeLines(new Uint8Array())
}

/** Decodes all lines at once if they are valid UTF-8, otherwise line by line. */
function decodeLines(bytes: Uint8Array, decoder: TextDecoder): (string | null)[] {
  try {
    return decoder.decode(bytes).split('\n')
  } catch {
    const lines = []
    for (let at = 0; at <= bytes.length; ) {
      const end = bytes.indexOf(LF, at)
      const stop = end < 0 ? bytes.length : end
      lines.push(decodeOrNull(bytes.subarray(at, stop), decoder))
      at = stop + 1
    }
    return lines
  }
}

function decodeOrNull(bytes: Uint8Array, decoder: TextDecoder): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

function tooLongError(line: number): AppError {
  return new AppError('too-large', `Line ${line} is longer than 16 MiB.`, { facts: { line } })
}

/** Writes our form: every text in quotes, so that an unquoted field is null. */
class RowWriter {
  readonly #file: FileHandle
  #rows: string[] = []
  #chars = 0
  #maxRowChars = 0

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async create(target: string): Promise<RowWriter> {
    return new RowWriter(await open(target, 'wx', 0o600))
  }

  async write(line: number, values: readonly CsvField[]): Promise<void> {
    this.add(line, values)
    await this.flushIfLarge()
  }

  /** Buffers the record without writing it yet. */
  add(line: number, values: readonly CsvField[]): void {
    let row = String(line)
    for (const value of values)
      row += value === null ? ',' : `,"${value.includes('"') ? value.replaceAll('"', '""') : value}"`
    this.#rows.push(row)
    this.#chars += row.length
    this.#maxRowChars = Math.max(this.#maxRowChars, row.length)
  }

  async flushIfLarge(): Promise<void> {
    if (this.#chars > CHUNK_BYTES) await this.#flush()
  }

  /** An upper bound: a character takes up to three bytes of UTF-8 for each of its UTF-16 units. */
  get maxRecordBytes(): number {
    return this.#maxRowChars * 3 + 1
  }

  async close(): Promise<void> {
    await this.#flush()
    await this.#file.close()
  }

  async #flush(): Promise<void> {
    if (this.#rows.length === 0) return
    const text = `${this.#rows.join('\n')}\n`
    this.#rows = []
    this.#chars = 0
    await this.#file.writeFile(text)
  }
}
