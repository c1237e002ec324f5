import 'server-only'
import { open } from 'node:fs/promises'
import { parseFields, MAX_RECORD_BYTES } from '@/lib/ingest/csv-records'

/**
 * Where DuckDB reads CSV more leniently than RFC 4180 and `csv-records`: it drops an extra empty field at the end of a
 * record, and it accepts spaces next to quotes. Both were found by reading random texts with both readers; a test
 * continues to do so. It also loses a last record without a line end that has too few fields, if one of its buffers ends
 * within the record.
 */

const CHUNK_BYTES = 1024 * 1024
const [COMMA, QUOTE, LF, CR, SPACE] = [0x2c, 0x22, 0x0a, 0x0d, 0x20]

/**
 * Whether DuckDB may read the file differently than record by record. False positives are possible, false negatives are
 * not. Costs one pass over the bytes.
 *
 * @param fieldCount of the header
 */
export async function mightReadLeniently(path: string, fieldCount: number): Promise<boolean> {
  const file = await open(path, 'r')
  // One buffer for the whole file: allocating memory for each chunk would take longer than examining it.
  let buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  let carriedBytes = 0
  try {
    for (;;) {
      if (carriedBytes > MAX_RECORD_BYTES) return true
      if (carriedBytes > buffer.length / 2) buffer = Buffer.concat([buffer], buffer.length * 2)
      const { bytesRead } = await file.read(buffer, carriedBytes, buffer.length - carriedBytes)
      const filled = carriedBytes + bytesRead
      const end = bytesRead === 0 ? filled : findLastLineEnd(buffer.subarray(0, filled))
      if (mightBeReadLeniently(buffer.subarray(0, end), fieldCount)) return true
      if (bytesRead === 0) return isUnlike(lastLine(buffer.subarray(0, filled)), fieldCount)
      buffer.copyWithin(0, end, filled)
      carriedBytes = filled - end
    }
  } finally {
    await file.close()
  }
}

function findLastLineEnd(bytes: Buffer): number {
  const lastFeed = bytes.lastIndexOf(LF)
  return (lastFeed >= 0 ? lastFeed : bytes.lastIndexOf(CR)) + 1
}

/** The text after the last line end: the end of a file that was cut off, or whose last record has no line end. */
function lastLine(rest: Buffer): string {
  return rest.toString('latin1', Math.max(rest.lastIndexOf(LF), rest.lastIndexOf(CR)) + 1)
}

/** Whether a line has, or may have, another number of fields than `fieldCount`. */
function isUnlike(line: string, fieldCount: number): boolean {
  if (line === '') return false
  const fields = parseFields(line)
  return typeof fields === 'string' || fields.length !== fieldCount || mightBeginInQuotes(line)
}

/** @param lines whole lines, of which the last may have no line end */
function mightBeReadLeniently(lines: Buffer, fieldCount: number): boolean {
  return hasExtraField(lines, fieldCount) || (lines.includes(QUOTE) && hasSpaceAtQuote(lines))
}

function hasExtraField(lines: Buffer, fieldCount: number): boolean {
  const hasReturns = lines.includes(CR)
  // One search is faster than one for each line, and in most files no line ends in a comma.
  if (!hasCommaBefore(lines, '\n') && !(hasReturns && hasCommaBefore(lines, '\r')) && lines.at(-1) !== COMMA)
    return false
  let start = 0
  while (start < lines.length) {
    const feed = lines.indexOf(LF, start)
    const feedOrEnd = feed < 0 ? lines.length : feed
    const end = hasReturns ? findLineEnd(lines, start, feedOrEnd) : feedOrEnd
    if (end > start && lines[end - 1] === COMMA && hasTooManyFields(lines, start, end, fieldCount)) return true
    start = end + 1
  }
  return false
}

/** Searches backwards, because Node looks for the byte that it meets first: there are fewer line ends than commas. */
function hasCommaBefore(lines: Buffer, lineEnd: string): boolean {
  return lines.lastIndexOf(`,${lineEnd}`) >= 0
}

/** The first carriage return of a line, or its line feed. */
function findLineEnd(lines: Buffer, start: number, feed: number): number {
  let at = start
  while (at < feed && lines[at] !== CR) at += 1
  return at
}

/** Whether a line that ends in a comma has, or may have, more fields than `fieldCount`. */
function hasTooManyFields(lines: Buffer, start: number, end: number, fieldCount: number): boolean {
  let commas = 0
  for (let at = start; at < end; at += 1) {
    if (lines[at] === QUOTE) return hasTooManyQuotedFields(lines.toString('latin1', start, end), fieldCount)
    if (lines[at] === COMMA) commas += 1
  }
  return commas >= fieldCount
}

function hasTooManyQuotedFields(line: string, fieldCount: number): boolean {
  const fields = parseFields(line)
  return typeof fields === 'string' || fields.length > fieldCount || mightBeginInQuotes(line)
}

/**
 * In the last line of a record that began on an earlier line, quotes do not come in pairs, unless some are part of a
 * text.
 */
function mightBeginInQuotes(line: string): boolean {
  const isPaired = line.split('"').length % 2 === 1
  return !isPaired || /(^|,)[^",][^",]*"/.test(line)
}

function hasSpaceAtQuote(lines: Buffer): boolean {
  for (let at = lines.indexOf('" '); at >= 0; at = lines.indexOf('" ', at + 2)) {
    let after = at + 1
    while (lines[after] === SPACE) after += 1
    if (isFieldBoundary(lines[after])) return true
  }
  for (let at = lines.indexOf(' "'); at >= 0; at = lines.indexOf(' "', at + 2)) {
    let before = at
    while (lines[before] === SPACE) before -= 1
    if (isFieldBoundary(lines[before])) return true
  }
  return false
}

function isFieldBoundary(byte: number | undefined): boolean {
  return byte === undefined || byte === COMMA || byte === QUOTE || byte === LF || byte === CR
}
