import { AppError } from '@/lib/errors'

/**
 * An exact reader for CSV by RFC 4180: commas or another delimiter, quotes doubled inside quotes, any of the three line
 * ends. An unquoted empty field is null, `""` is the empty string. It is used when line numbers are needed (for the
 * header, and for inputs with a row that does not fit); DuckDB reads whole inputs by the same rules.
 */

export type CsvField = string | null
export type CsvRecord =
  /** `line` is the one on which the record begins, from 1; a record with quoted line ends spans several lines. */
  { line: number; fields: readonly CsvField[] } | { line: number; malformed: string; text: string }

/** The longest record in bytes; DuckDB gets the same limit. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024

/** The delimiters between fields; the usual one first. */
export const CSV_DELIMITERS = [',', ';', '\t', '|'] as const
export type CsvDelimiter = (typeof CSV_DELIMITERS)[number]

const [QUOTE, LF, CR] = [0x22, 0x0a, 0x0d]
const MAX_SHOWN_CHARS = 1000

/**
 * @param chunks the file's bytes in order; a byte order mark is skipped
 * @returns records in order. Empty lines are skipped unless `keepEmptyLines` (a table of one column has a null there).
 * @throws {AppError} too-large when a record is longer than 16 MiB
 */
export async function* readCsvRecords(
  chunks: AsyncIterable<Uint8Array>,
  { keepEmptyLines = false, delimiter = ',' }: { keepEmptyLines?: boolean; delimiter?: CsvDelimiter } = {},
): AsyncGenerator<CsvRecord> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest: Uint8Array = new Uint8Array()
  let isFirst = true
  let line = 1
  let scan = new RecordScan(delimiter)
  const takeRecord = (bytes: Uint8Array): Generator<CsvRecord> => {
    const firstLine = line
    line += scan.lineEnds
    scan = new RecordScan(delimiter)
    return parseRecord(bytes, firstLine, decoder, { keepEmptyLines, delimiter })
  }
  for await (const chunk of chunks) {
    let bytes: Uint8Array = rest.length === 0 ? chunk : joinBytes(rest, chunk)
    if (isFirst && bytes.length < 3) {
      rest = bytes
      continue
    }
    if (isFirst) {
      isFirst = false
      bytes = stripByteOrderMark(bytes)
    }
    let at = 0
    // The last byte may be the first half of a line end or of a doubled quote.
    while (scan.findEnd(bytes, at, bytes.length - 1)) {
      const { end, next } = scan
      yield* takeRecord(bytes.subarray(at, at + end))
      at += next
    }
    rest = bytes.subarray(at)
    if (rest.length > MAX_RECORD_BYTES) throw tooLongError(line)
  }
  if (isFirst) rest = stripByteOrderMark(rest)
  for (let at = 0; at < rest.length; ) {
    const isEnded = scan.findEnd(rest, at, rest.length)
    const { end, next } = isEnded ? scan : { end: rest.length - at, next: rest.length - at }
    yield* takeRecord(rest.subarray(at, at + end))
    at += next
  }
}

function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length)
  joined.set(first)
  joined.set(second, first.length)
  return joined
}

function stripByteOrderMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

/** Finds the end of one record; continues from its last position when more bytes arrive. */
class RecordScan {
  readonly #delimiter: number
  #at = 0
  #isQuoted = false
  #isFieldStart = true
  lineEnds = 0
  /** Relative to the start of the record, once it is found. */
  end = 0
  next = 0

  constructor(delimiter: CsvDelimiter) {
    this.#delimiter = delimiter.charCodeAt(0)
  }

  /**
   * @param start where the record begins
   * @param limit only bytes before it are examined, though one byte of lookahead is read
   */
  findEnd(bytes: Uint8Array, start: number, limit: number): boolean {
    const delimiter = this.#delimiter
    let isQuoted = this.#isQuoted
    let isFieldStart = this.#isFieldStart
    let at = start + this.#at
    for (; at < limit; at += 1) {
      const byte = bytes[at]
      if (isQuoted) {
        if (byte === QUOTE) {
          if (bytes[at + 1] === QUOTE) at += 1
          else isQuoted = false
        } else if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) this.lineEnds += 1
      } else if (byte === QUOTE && isFieldStart) {
        isQuoted = true
        isFieldStart = false
      } else if (byte === delimiter) isFieldStart = true
      else if (byte === LF || byte === CR) {
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

function* parseRecord(
  bytes: Uint8Array,
  line: number,
  decoder: TextDecoder,
  { keepEmptyLines, delimiter }: { keepEmptyLines: boolean; delimiter: CsvDelimiter },
): Generator<CsvRecord> {
  if (bytes.length > MAX_RECORD_BYTES) throw tooLongError(line)
  if (bytes.length === 0) {
    if (keepEmptyLines) yield { line, fields: [null] }
    return
  }
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    // Shown as far as it can be decoded; the original bytes are in the input.
    yield { line, malformed: 'is not UTF-8', text: new TextDecoder().decode(bytes.subarray(0, MAX_SHOWN_CHARS)) }
    return
  }
  const fields = parseFields(text, delimiter)
  if (typeof fields === 'string') yield { line, malformed: fields, text: text.slice(0, MAX_SHOWN_CHARS) }
  else yield { line, fields }
}

/** The fields of one record without its line end, or the problem with its quotes. */
export function parseFields(text: string, delimiter: CsvDelimiter = ','): CsvField[] | string {
  if (!text.includes('"')) return text.split(delimiter).map((field) => (field === '' ? null : field))
  const fields: CsvField[] = []
  let at = 0
  for (;;) {
    if (text[at] !== '"') {
      const end = text.indexOf(delimiter, at)
      const field = end < 0 ? text.slice(at) : text.slice(at, end)
      fields.push(field === '' ? null : field)
      if (end < 0) return fields
      at = end + 1
      continue
    }
    const close = findClosingQuote(text, at)
    if (close < 0) return 'has a quote that is not closed'
    fields.push(text.slice(at + 1, close).replaceAll('""', '"'))
    if (close + 1 === text.length) return fields
    if (text[close + 1] !== delimiter) return 'has text after a closing quote'
    at = close + 2
  }
}

function findClosingQuote(text: string, open: number): number {
  for (let at = open + 1; ; ) {
    const quote = text.indexOf('"', at)
    if (quote < 0 || text[quote + 1] !== '"') return quote
    at = quote + 2
  }
}

function tooLongError(line: number): AppError {
  return new AppError('too-large', `The record that begins on line ${line} is longer than 16 MiB.`, { facts: { line } })
}
