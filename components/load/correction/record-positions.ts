import type { LoadReject } from '@/lib/contract/jobs'
import type { TextPart } from '@/lib/ingest/text-reader'

/** A rejected record as the text field has it: its line ends, and without the mark of a text that was cut. */
export function asShown(record: string): string {
  return record.replace(/…$/, '').replaceAll('\r\n', '\n')
}

export function isTruncated(record: string): boolean {
  return record.endsWith('…')
}

/**
 * The part of the text that was rejected: a value, or a whole row. Nothing of the row, at its beginning, if the part is
 * not known or if the row is cut before its end; null if the text no longer has the row.
 */
export function findPart(text: string, rejects: readonly LoadReject[], index: number): TextPart | null {
  const reject = rejects[index]
  if (reject === undefined || reject.text === null) return null
  const { text: record, column } = reject
  const at = findRecords(text, rejects)[index] ?? null
  if (at === null) return null
  if (column === null) return { start: at, end: isTruncated(record) ? at : at + asShown(record).length }
  const part = knownPart(reject)
  if (part === null) return { start: at, end: at }
  return { start: at + toShown(record, part.start), end: at + toShown(record, part.end) }
}

/** The part of the record that has the value; null if it is not known, or cut. */
export function knownPart({ text, part }: LoadReject): TextPart | null {
  if (text === null || part === null) return null
  return part.end > text.replace(/…$/, '').length ? null : part
}

/** Where a position of a record is after its line ends have become those of the text field. */
export function toShown(record: string, offset: number): number {
  return record.slice(0, offset).replaceAll('\r\n', '\n').length
}

/**
 * Where the record of each reject begins in a text that has the records in their order. They are searched from the end,
 * because the header before the first one may be equal to a record. Equal records stand for one another.
 */
export function findRecords(text: string, rejects: readonly LoadReject[]): (number | null)[] {
  const lines = indexLines(text)
  const find = (record: string, end: number): number | null =>
    isTruncated(record) || record.includes('\n')
      ? findRecord(text, record, end)
      : (lines.get(record)?.findLast((at) => at < end) ?? null)
  const found: (number | null)[] = []
  let next = text.length + 1
  let last: LoadReject | undefined
  for (const reject of rejects.toReversed()) {
    const { text: record } = reject
    const isSame =
      last !== undefined &&
      record === last.text &&
      reject.line === last.line &&
      reject.record === last.record &&
      reject.file === last.file
    last = reject
    const at = record === null ? null : isSame ? (found.at(-1) ?? null) : find(record, next)
    if (at !== null && !isSame) next = at
    found.push(at ?? (record === null ? null : find(record, text.length + 1)))
  }
  return found.toReversed()
}

/** The last line before `end` with which a record begins that is the given one. */
export function findRecord(text: string, record: string, end: number): number | null {
  const shown = asShown(record)
  let from = end
  while (from > 0) {
    const at = text.lastIndexOf(shown, from - 1)
    if (at < 0) return null
    const after = text[at + shown.length]
    const isWhole = isTruncated(record) || after === undefined || after === '\n'
    if (isWhole && (at === 0 || text[at - 1] === '\n')) return at
    from = at
  }
  return null
}

/** Where each line begins, by its text. */
function indexLines(text: string): Map<string, number[]> {
  const lines = new Map<string, number[]>()
  let at = 0
  for (const line of text.split('\n')) {
    const known = lines.get(line)
    if (known) known.push(at)
    else lines.set(line, [at])
    at += line.length + 1
  }
  return lines
}
