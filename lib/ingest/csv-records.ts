import { AppError } from '@/lib/errors'
import type { TextPart } from './text-reader'

/**
 * An exact reader for CSV by RFC 4180, with the freedom that `CsvOptions` gives: commas or another delimiter, another
 * quote or none, doubled inside quotes, any of the three line ends. An unquoted empty field is null, `""` is the empty
 * string. It is used when line numbers are needed (for the header, and for inputs with a row that does not fit) and for
 * everything that DuckDB reads by other rules.
 */

export type CsvField = string | null
export type CsvRecord = {
  /** The line on which the record begins, from 1; a record with quoted line ends spans several lines. */
  line: number
  /** The record as it is in the chunks, with its line end if it has one. Valid until the next record is taken. */
  bytes: Uint8Array
} & ({ fields: readonly CsvField[] } | { malformed: string; text: string })

const [LF, CR] = [0x0a, 0x0d]

/** The longest record in bytes; DuckDB gets the same limit. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024

/** Why a record cannot be read that has other bytes. */
export const NOT_UTF8 = 'is not UTF-8'

/** The delimiters between fields that a header can determine; the usual one first. */
export const CSV_DELIMITERS = [',', ';', '\t', '|'] as const

/** Whether a record has its line end: the last one of a part of a file may be cut. */
export function isEnded({ bytes }: Pick<CsvRecord, 'bytes'>): boolean {
  const last = bytes.at(-1)
  return last === LF || last === CR
}

/** @param what does not end in the part of a file that is here */
export function cutRecordError(what: 'header' | 'first record'): AppError {
  return new AppError(
    'too-large',
    `The ${what} does not end in the first megabytes of the file, which are read for a preview. A load stops at a record of more than 16 MiB.`,
  )
}

/** How the fields of a record are written. */
export type FieldSyntax = { delimiter: string; quote: string | null; nullText: string }
export type RecordSyntax = FieldSyntax & {
  /** A table of one column has a null in an empty line; otherwise empty lines are skipped. */
  keepEmptyLines: boolean
  /** Physical lines before the first record. */
  skippedLines: number
  /** Whether the bytes are only the beginning of a file, so that a record without a line end is left out. */
  isTruncated: boolean
}

const DEFAULT_SYNTAX: RecordSyntax = {
  delimiter: ',',
  quote: '"',
  nullText: '',
  keepEmptyLines: false,
  skippedLines: 0,
  isTruncated: false,
}

/** No byte has this value. */
const NO_BYTE = -1
const MAX_SHOWN_CHARS = 2000

/**
 * @param chunks the file's bytes in order, in UTF-8; a byte order mark is skipped
 * @returns records in order
 * @throws {AppError} too-large when a record is longer than 16 MiB
 */
export async function* readCsvRecords(
  chunks: AsyncIterable<Uint8Array>,
  options: Partial<RecordSyntax> = {},
): AsyncGenerator<CsvRecord> {
  const syntax = { ...DEFAULT_SYNTAX, ...options }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for await (const cursor of scanRecords(chunks, syntax))
    for (let record = cursor.take(); record !== null; record = cursor.take())
      yield* parseRecord(record, decoder, syntax)
}

/**
 * The bytes of a text in blocks of whole records, with their line ends, of which only the last one may lack it. A byte
 * order mark and skipped lines are left out.
 *
 * @param options.isAlone whether the next block has one record only, asked before each block; else as many as a chunk ends
 * @returns blocks in order, each valid until the next one is taken
 * @throws {AppError} too-large when a record is longer than 16 MiB
 */
export async function* divideCsvRecords(
  chunks: AsyncIterable<Uint8Array>,
  { isAlone, ...options }: Partial<RecordSyntax> & { isAlone: () => boolean },
): AsyncGenerator<Uint8Array> {
  for await (const cursor of scanRecords(chunks, { ...DEFAULT_SYNTAX, ...options })) {
    for (;;) {
      const start = cursor.at
      const isOne = isAlone()
      while (cursor.take() !== null) if (isOne) break
      if (cursor.at === start) break
      yield cursor.bytes.subarray(start, cursor.at)
    }
  }
}

/** A record in the bytes of a cursor. */
type ScannedRecord = {
  line: number
  /** With its line end. */
  bytes: Uint8Array
  /** Where its line end begins. */
  end: number
}

/** Once for each chunk, with the records that end in it. The reader takes all of them. */
async function* scanRecords(
  chunks: AsyncIterable<Uint8Array>,
  syntax: FieldSyntax & Pick<RecordSyntax, 'skippedLines' | 'isTruncated'>,
): AsyncGenerator<RecordCursor> {
  const cursor = new RecordCursor(syntax)
  let isFirst = true
  for await (const chunk of chunks) {
    cursor.append(chunk)
    if (isFirst && cursor.bytes.length < 3) continue
    if (isFirst) cursor.skipByteOrderMark()
    isFirst = false
    if (cursor.skipLines()) yield cursor
    if (cursor.restLength > MAX_RECORD_BYTES) throw tooLongError(cursor.line)
  }
  if (isFirst) cursor.skipByteOrderMark()
  cursor.finish()
  cursor.skipLines()
  yield cursor
}

/** Takes one record after the other from bytes that arrive in chunks. */
class RecordCursor {
  readonly #syntax: SyntaxBytes
  readonly #isTruncated: boolean
  #linesToSkip: number
  #scan: RecordScan
  #isAtEnd = false
  /** With the part of the earlier chunks that belongs to a record that is not at its end. */
  bytes: Uint8Array = new Uint8Array()
  /** Where the next record begins. */
  at = 0
  /** The line of the next record, from 1. */
  line = 1

  constructor({
    skippedLines,
    isTruncated,
    ...fields
  }: FieldSyntax & Pick<RecordSyntax, 'skippedLines' | 'isTruncated'>) {
    this.#syntax = toSyntaxBytes(fields)
    this.#isTruncated = isTruncated
    this.#linesToSkip = skippedLines
    this.#scan = new RecordScan(this.#syntax)
  }

  get restLength(): number {
    return this.bytes.length - this.at
  }

  append(chunk: Uint8Array): void {
    this.bytes = this.restLength === 0 ? chunk : joinBytes(this.bytes.subarray(this.at), chunk)
    this.at = 0
  }

  /** No more chunks come. */
  finish(): void {
    this.#isAtEnd = true
  }

  skipByteOrderMark(): void {
    const [first, second, third] = this.bytes
    if (first === 0xef && second === 0xbb && third === 0xbf) this.at = 3
  }

  /** False while lines are left to skip. */
  skipLines(): boolean {
    const { bytes } = this
    // The line is skipped, so only the first half of its line end matters.
    const limit = this.#isAtEnd ? bytes.length : bytes.length - 1
    for (; this.#linesToSkip > 0; this.#linesToSkip -= 1) {
      const next = findNextLine(bytes, this.at, limit)
      this.at = next < 0 ? Math.max(this.at, limit) : next
      if (next < 0 && !this.#isAtEnd) return false
      this.line += 1
    }
    return true
  }

  /** The next record that is whole; at the end of a text that is not cut the last one, too. */
  take(): ScannedRecord | null {
    const { bytes, at, line } = this
    // The last byte may be the first half of a line end or of a doubled quote. A line feed is neither.
    const limit = this.#isAtEnd || bytes.at(-1) === LF ? bytes.length : bytes.length - 1
    const isEnded = this.#scan.findEnd(bytes, at, limit)
    if (!isEnded && (!this.#isAtEnd || this.#isTruncated || at >= bytes.length)) return null
    const rest = bytes.length - at
    const { end, next } = isEnded ? this.#scan : { end: rest, next: rest }
    this.line += this.#scan.lineEnds
    this.at += next
    this.#scan = new RecordScan(this.#syntax)
    return { line, bytes: bytes.subarray(at, at + next), end }
  }
}

function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length)
  joined.set(first)
  joined.set(second, first.length)
  return joined
}

/** Where the next line begins; negative if no line ends before `limit`, though one byte of lookahead is read. */
function findNextLine(bytes: Uint8Array, start: number, limit: number): number {
  for (let at = start; at < limit; at += 1) {
    if (bytes[at] === LF) return at + 1
    if (bytes[at] === CR) return at + (bytes[at + 1] === LF ? 2 : 1)
  }
  return -1
}

/** The delimiter's last byte and those before it, and the quote, which is ASCII. */
type SyntaxBytes = { delimiter: number; delimiterStart: Uint8Array; quote: number }

function toSyntaxBytes({ delimiter, quote }: FieldSyntax): SyntaxBytes {
  const bytes = new TextEncoder().encode(delimiter)
  return {
    delimiter: bytes.at(-1) ?? NO_BYTE,
    delimiterStart: bytes.subarray(0, -1),
    quote: quote?.charCodeAt(0) ?? NO_BYTE,
  }
}

/** Finds the end of one record; continues from its last position when more bytes arrive. */
class RecordScan {
  readonly #syntax: SyntaxBytes
  #at = 0
  #isQuoted = false
  #isFieldStart = true
  lineEnds = 0
  /** Relative to the start of the record, once it is found. */
  end = 0
  next = 0

  constructor(syntax: SyntaxBytes) {
    this.#syntax = syntax
  }

  /**
   * @param start where the record begins
   * @param limit only bytes before it are examined, though one byte of lookahead is read
   */
  findEnd(bytes: Uint8Array, start: number, limit: number): boolean {
    const { delimiter, delimiterStart, quote } = this.#syntax
    let isQuoted = this.#isQuoted
    let isFieldStart = this.#isFieldStart
    let at = start + this.#at
    for (; at < limit; at += 1) {
      const byte = bytes[at]
      if (isQuoted) {
        if (byte === quote) {
          if (bytes[at + 1] === quote) at += 1
          else isQuoted = false
        } else if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) this.lineEnds += 1
      } else if (byte === quote && isFieldStart) {
        isQuoted = true
        isFieldStart = false
      } else if (byte === delimiter) {
        isFieldStart = delimiterStart.length === 0 || endsWith(bytes.subarray(start, at), delimiterStart)
      } else if (byte === LF || byte === CR) {
        this.lineEnds += 1
        this.end = at - start
        this.next = this.end + (byte === CR && bytes[at + 1] === LF ? 2 : 1)
        return true
      } else isFieldStart = false
    }
    this.#isQuoted = isQuoted
    this.#isFieldStart = isFieldStart
    this.#at = at - start
    return false
  }
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  return end.every((byte, i) => bytes[bytes.length - end.length + i] === byte)
}

function* parseRecord(
  { line, bytes, end }: ScannedRecord,
  decoder: TextDecoder,
  syntax: RecordSyntax,
): Generator<CsvRecord> {
  if (end > MAX_RECORD_BYTES) throw tooLongError(line)
  if (end === 0) {
    if (syntax.keepEmptyLines) yield { line, bytes, fields: [null] }
    return
  }
  const content = bytes.subarray(0, end)
  let text: string
  try {
    text = decoder.decode(content)
  } catch {
    // Shown as far as it can be decoded; the original bytes are in the input.
    const shown = new TextDecoder().decode(content.subarray(0, MAX_SHOWN_CHARS))
    yield { line, bytes, malformed: NOT_UTF8, text: shown }
    return
  }
  const fields = parseFields(text, syntax)
  if (typeof fields === 'string') yield { line, bytes, malformed: fields, text: text.slice(0, MAX_SHOWN_CHARS) }
  else yield { line, bytes, fields }
}

/** The fields of one record without its line end, or the problem with its quotes. */
export function parseFields(text: string, syntax: FieldSyntax = DEFAULT_SYNTAX): CsvField[] | string {
  const { delimiter, quote, nullText } = syntax
  const toField = (field: string) => (field === '' || field === nullText ? null : field)
  if (quote === null || !text.includes(quote)) return text.split(delimiter).map(toField)
  const fields: CsvField[] = []
  let at = 0
  for (;;) {
    if (text[at] !== quote) {
      const end = text.indexOf(delimiter, at)
      fields.push(toField(end < 0 ? text.slice(at) : text.slice(at, end)))
      if (end < 0) return fields
      at = end + 1
      continue
    }
    const close = findClosingQuote(text, at, quote)
    if (close < 0) return 'has a quote that is not closed'
    fields.push(text.slice(at + 1, close).replaceAll(quote + quote, quote))
    if (close + 1 === text.length) return fields
    if (text[close + 1] !== delimiter) return 'has text after a closing quote'
    at = close + 2
  }
}

/**
 * Where the content of each field of a record stands in its text, without the quotes around it; null if the record cannot
 * be read. For the same records as {@link parseFields}.
 */
export function locateFields(text: string, { delimiter, quote }: FieldSyntax): TextPart[] | null {
  const parts: TextPart[] = []
  for (let at = 0; ; ) {
    const isQuoted = quote !== null && text[at] === quote
    const start = isQuoted ? at + 1 : at
    const found = isQuoted ? findClosingQuote(text, at, quote) : text.indexOf(delimiter, at)
    if (isQuoted && found < 0) return null
    const end = found < 0 ? text.length : found
    parts.push({ start, end })
    const next = isQuoted ? end + 1 : end
    if (next === text.length) return parts
    if (text[next] !== delimiter) return null
    at = next + 1
  }
}

function findClosingQuote(text: string, open: number, quote: string): number {
  for (let at = open + 1; ; ) {
    const close = text.indexOf(quote, at)
    if (close < 0 || text[close + 1] !== quote) return close
    at = close + 2
  }
}

function tooLongError(line: number): AppError {
  return new AppError('too-large', `The record that begins on line ${line} is longer than 16 MiB.`, { facts: { line } })
}

/** The names of fields in a header. One without a name has that of its position, as all have without a header. */
export function headerNames(fields: readonly CsvField[]): string[] {
  return fields.map((name, i) => (isUnnamed(name) ? positionName(i) : name))
}

/** `column1` for the first field. */
export function positionName(index: number): string {
  return `column${index + 1}`
}

export function isUnnamed(name: CsvField): name is null | '' {
  return name === null || name === ''
}
