import { AppError } from '@/lib/errors'

/** The records of JSON files: lines of NDJSON, or the items of an array. They are found in bytes, and never held together. */

export type JsonRecord = {
  /** The line on which the record begins, from 1. */
  line: number
  /** The number of an item in its array, from 1: several may begin on one line. */
  item?: number
  /** Bytes if they are not UTF-8. */
  text: string | Uint8Array
}

const MAX_RECORD_BYTES = 16 * 1024 * 1024
const [LF, CR, TAB, SPACE] = [0x0a, 0x0d, 0x09, 0x20]
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/**
 * Lines of a text, in batches.
 *
 * @param isTruncated whether the bytes are only the beginning of a file, so that a line without an end is left out
 * @throws {AppError} too-large when a line is longer than 16 MiB
 */
export async function* readJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  isTruncated = false,
): AsyncGenerator<JsonRecord[]> {
  const decoder = newDecoder()
  let line = 0
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  const takeLines = (last: Uint8Array): JsonRecord[] => {
    const bytes = joinBytes([...pending, last])
    pending = []
    pendingBytes = 0
    const lines = decodeLines(bytes, decoder, line)
    const [first] = lines
    if (line === 0 && typeof first?.text === 'string' && first.text.startsWith('\uFEFF'))
      first.text = first.text.slice(1)
    line += lines.length
    return lines
  }
  for await (const chunk of chunks) {
    const firstEnd = chunk.indexOf(LF)
    if (pendingBytes + (firstEnd < 0 ? chunk.length : firstEnd) > MAX_RECORD_BYTES) throw tooLongError('Line', line + 1)
    const lastEnd = chunk.lastIndexOf(LF)
    if (lastEnd >= 0) yield takeLines(chunk.subarray(0, lastEnd))
    const rest = chunk.subarray(lastEnd + 1)
    if (rest.length > 0) pending.push(rest)
    pendingBytes += rest.length
  }
  if (pending.length > 0 && !isTruncated) yield takeLines(new Uint8Array())
}

/** Decodes all lines at once if they are valid UTF-8, otherwise line by line. */
function decodeLines(bytes: Uint8Array, decoder: TextDecoder, linesBefore: number): JsonRecord[] {
  const text = decodeOrBytes(bytes, decoder)
  if (typeof text === 'string') return text.split('\n').map((line, i) => ({ line: linesBefore + i + 1, text: line }))
  const lines: JsonRecord[] = []
  for (let at = 0; at <= bytes.length; ) {
    const end = bytes.indexOf(LF, at)
    const stop = end < 0 ? bytes.length : end
    lines.push({ line: linesBefore + lines.length + 1, text: decodeOrBytes(bytes.subarray(at, stop), decoder) })
    at = stop + 1
  }
  return lines
}

/**
 * Items of the array that a file consists of, in batches. Brackets inside an item may be wrong, which the reader of the
 * item reports; the next item is found after the comma.
 *
 * @throws {AppError} file-damaged when the file is no array, or has more than one; too-large when an item is longer than
 *   16 MiB
 */
export async function* readJsonArray(
  chunks: AsyncIterable<Uint8Array>,
  isTruncated = false,
): AsyncGenerator<JsonRecord[]> {
  const scan = new ArrayScan()
  for await (const chunk of chunks) {
    const items = scan.read(chunk)
    if (items.length > 0) yield items
  }
  if (!isTruncated) scan.requireEnd()
}

class ArrayScan {
  readonly #decoder = newDecoder()
  #state: 'before' | 'inside' | 'after' = 'before'
  #line = 1
  #isFirstChunk = true
  #itemCount = 0
  /** Brackets open within the item. */
  #depth = 0
  #isString = false
  #isEscaped = false
  /** Where the item begins: in the current chunk, or in an earlier one, whose bytes are `#pending`. */
  #start = -1
  #startLine = 0
  #pending: Uint8Array[] = []
  #pendingBytes = 0

  read(chunk: Uint8Array): JsonRecord[] {
    const items: JsonRecord[] = []
    const hasMark = this.#isFirstChunk && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf
    this.#isFirstChunk = false
    for (let at = hasMark ? 3 : 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0
      if (byte === LF) this.#line += 1
      if (this.#isString) {
        if (this.#isEscaped) this.#isEscaped = false
        else if (byte === BACKSLASH) this.#isEscaped = true
        else if (byte === QUOTE) this.#isString = false
        continue
      }
      if (byte === LF || byte === CR || byte === TAB || byte === SPACE) continue
      if (this.#state !== 'inside') this.#enter(byte)
      else if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY)) {
        const isEmpty = this.#start < 0 && this.#pending.length === 0
        if (!(isEmpty && this.#itemCount === 0 && byte === CLOSE_ARRAY)) items.push(this.#take(chunk, at))
        if (byte === CLOSE_ARRAY) this.#state = 'after'
      } else {
        if (this.#start < 0 && this.#pending.length === 0) {
          this.#start = at
          this.#startLine = this.#line
        }
        if (byte === QUOTE) this.#isString = true
        else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) this.#depth += 1
        else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) this.#depth = Math.max(0, this.#depth - 1)
      }
    }
    this.#holdRest(chunk)
    return items
  }

  requireEnd(): void {
    if (this.#state === 'before') throw damagedError('The file is empty: it has to be an array of JSON objects.')
    if (this.#state === 'inside')
      throw damagedError('The array is not closed: the file may have been cut off.', this.#line)
  }

  #enter(byte: number): void {
    if (this.#state === 'after')
      throw damagedError(`The file has more after the end of its array, on line ${this.#line}.`, this.#line)
    if (byte !== OPEN_ARRAY)
      throw damagedError(
        byte === OPEN_OBJECT
          ? 'The file is not an array of JSON objects. If it has one object on each line, load it as NDJSON.'
          : 'The file is not an array of JSON objects.',
      )
    this.#state = 'inside'
  }

  #take(chunk: Uint8Array, end: number): JsonRecord {
    const isEmpty = this.#start < 0 && this.#pending.length === 0
    const last = chunk.subarray(isEmpty ? end : Math.max(0, this.#start), end)
    const bytes = joinBytes([...this.#pending, last])
    const line = isEmpty ? this.#line : this.#startLine
    if (bytes.length > MAX_RECORD_BYTES) throw tooLongError('The object on line', line)
    this.#pending = []
    this.#pendingBytes = 0
    this.#start = -1
    this.#itemCount += 1
    return { line, item: this.#itemCount, text: decodeOrBytes(bytes, this.#decoder) }
  }

  #holdRest(chunk: Uint8Array): void {
    if (this.#state !== 'inside' || (this.#start < 0 && this.#pending.length === 0)) return
    const rest = chunk.subarray(Math.max(0, this.#start))
    this.#pendingBytes += rest.length
    if (this.#pendingBytes > MAX_RECORD_BYTES) throw tooLongError('The object on line', this.#startLine)
    this.#pending.push(rest.slice())
    this.#start = -1
  }
}

function newDecoder(): TextDecoder {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
}

function decodeOrBytes(bytes: Uint8Array, decoder: TextDecoder): string | Uint8Array {
  try {
    return decoder.decode(bytes)
  } catch {
    return bytes
  }
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = parts.filter((part) => part.length > 0)
  if (first === undefined || others.length === 0) return first ?? new Uint8Array()
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function tooLongError(what: string, line: number): AppError {
  return new AppError('too-large', `${what} ${line} is longer than 16 MiB.`, { facts: { line } })
}

function damagedError(detail: string, line?: number): AppError {
  return new AppError('file-damaged', detail, line === undefined ? {} : { facts: { line } })
}
