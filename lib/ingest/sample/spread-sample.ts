import { inOnePiece } from '@/lib/in-one-piece'
import { type FieldSyntax, readCsvRecords } from '../csv-records'

/**
 * A sample from all over a text file: its beginning, and blocks at equal distances. The first rows of a file are often
 * all of one day, and the value that does not fit may come a million rows later.
 */

/** Not more than its share: the rows at the beginning would count for all others. */
export const FIRST_BYTES = 64 * 1024
export const BLOCK_BYTES = 32 * 1024
export const BLOCK_COUNT = 126

/** Half-open: `end` is exclusive. */
type ByteRange = { start: number; end: number }

/** A file of at most this size is read completely instead. */
export const MAX_WHOLE_BYTES = FIRST_BYTES + BLOCK_COUNT * BLOCK_BYTES

/**
 * Blocks behind the beginning, in order and without overlap; the last one ends with the file.
 *
 * @param blockBytes at most {@link BLOCK_BYTES}
 */
export function spreadBlocks(fileBytes: number, blockBytes: number = BLOCK_BYTES): ByteRange[] {
  if (fileBytes <= MAX_WHOLE_BYTES) return []
  const stepBytes = (fileBytes - FIRST_BYTES) / BLOCK_COUNT
  return Array.from({ length: BLOCK_COUNT }, (_, i) => {
    const end = Math.floor(FIRST_BYTES + (i + 1) * stepBytes)
    return { start: end - blockBytes, end }
  })
}

/** The whole lines of a block, with their ends. */
export function cutLines(block: Uint8Array): Uint8Array {
  const first = block.indexOf(LF) + 1
  return first === 0 ? NOTHING : block.subarray(first, block.lastIndexOf(LF) + 1)
}

/**
 * The whole records of a block of a CSV file in UTF-8. Whether the block begins inside quotes is not known: it is read
 * both ways, and records count that have the fields of the header. Lines of a quoted text seldom have them.
 *
 * @returns nothing where neither way is likely, or both are and they differ
 */
export async function cutCsvRecords(
  block: Uint8Array,
  { syntax, fieldCount }: { syntax: FieldSyntax; fieldCount: number },
): Promise<Uint8Array> {
  const { quote } = syntax
  const outside = await readCut(block, { syntax, fieldCount, isQuoted: false })
  if (quote === null || !block.includes(quote.charCodeAt(0))) return bytesOf(block, outside)
  const inside = await readCut(block, { syntax, fieldCount, isQuoted: true })
  if (!isLikely(outside)) return isLikely(inside) ? bytesOf(block, inside) : NOTHING
  if (!isLikely(inside)) return bytesOf(block, outside)
  const insideStarts = new Set(inside.map(({ start }) => start))
  const meeting = outside.findIndex(({ start }) => insideStarts.has(start))
  if (meeting < 0) return NOTHING
  const before = outside.slice(0, meeting)
  return bytesOf(block, before.length >= MIN_FITTING && isLikely(before) ? outside : outside.slice(meeting))
}

const LF = 0x0a
const CR = 0x0d
const NOTHING = new Uint8Array()
/** Rows may have other fields than the header; text that is read from the wrong side of its quotes mostly has. */
const MIN_SHARE_OF_FITTING = 0.8
const MIN_FITTING = 3

/** A record by its bytes in the block, and whether it has the fields of the header; null for an empty line, which says nothing. */
type CutRecord = ByteRange & { fits: boolean | null }

function isLikely(records: readonly CutRecord[]): boolean {
  const judged = records.filter(({ fits }) => fits !== null)
  const fittingCount = judged.filter(({ fits }) => fits).length
  return fittingCount > 0 && fittingCount >= MIN_SHARE_OF_FITTING * judged.length
}

/** From the first record that fits: those before it may be the end of a quoted text. */
function bytesOf(block: Uint8Array, records: readonly CutRecord[]): Uint8Array {
  const first = records.find(({ fits }) => fits)
  return block.subarray(first?.start ?? 0, first === undefined ? 0 : records.at(-1)?.end)
}

async function readCut(
  block: Uint8Array,
  { syntax, fieldCount, isQuoted }: { syntax: FieldSyntax; fieldCount: number; isQuoted: boolean },
): Promise<CutRecord[]> {
  // As the beginning of a field, with or without a quote, of a record that began before the block.
  const bytes = new Uint8Array(block.length + 1)
  bytes[0] = (isQuoted ? syntax.quote : 'x')?.charCodeAt(0) ?? 0
  bytes.set(block, 1)
  const records: CutRecord[] = []
  for await (const record of readCsvRecords(inOnePiece(bytes), {
    ...syntax,
    keepEmptyLines: true,
    isTruncated: true,
  })) {
    const start = record.bytes.byteOffset - bytes.byteOffset - 1
    const isEmpty = record.bytes.every((byte) => byte === LF || byte === CR)
    const fits = 'fields' in record && record.fields.length === fieldCount
    records.push({ start, end: start + record.bytes.length, fits: isEmpty ? null : fits })
  }
  // Half a line end.
  if (block.at(-1) === CR && records.at(-1)?.end === block.length) records.pop()
  return records.slice(1)
}
