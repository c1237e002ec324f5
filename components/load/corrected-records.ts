import type { LoadReject } from '@/lib/contract/jobs'
import type { TextPart } from '@/lib/ingest/text-reader'
import { lineDiff } from '@/lib/query/line-diff'

/** Whether a rejected record is in the text as it came, or how a user corrected it. */
export type RecordState = 'as-it-came' | 'changed' | 'deleted'

/** Above this many pairs of a removed and an added line, lines are matched by their order. */
const MAX_COMPARED_PAIRS = 10_000

/**
 * The state of the record of each reject. A line that replaces another one changes it; a line without a replacement is
 * deleted.
 */
export function correctedRecords(initialText: string, text: string, rejects: readonly LoadReject[]): RecordState[] {
  const isMissing = ({ text: record }: LoadReject) => record !== null && !text.includes(asShown(record))
  if (!rejects.some(isMissing)) return rejects.map(() => 'as-it-came')
  const deleted = listDeletedLines(initialText, text)
  return rejects.map((reject) => {
    if (!isMissing(reject)) return 'as-it-came'
    // A long record is known by its beginning, and one with line ends in quotes by its first line.
    const [firstLine = ''] = asShown(reject.text ?? '').split('\n')
    return deleted.some((line) => line.startsWith(firstLine)) ? 'deleted' : 'changed'
  })
}

/** The text has other line ends than its file may have. */
function asShown(record: string): string {
  return record.replace(/…$/, '').replaceAll('\r\n', '\n')
}

/**
 * The part of the text that was rejected: a value, or a whole row. Nothing of the row, at its beginning, if the part is
 * not known or if the row is cut before its end; null if the text no longer has the row.
 */
export function findPart(text: string, rejects: readonly LoadReject[], index: number): TextPart | null {
  const reject = rejects[index]
  if (reject === undefined || reject.text === null) return null
  const { text: record, column, part } = reject
  const at = findRecords(text, rejects)[index] ?? null
  if (at === null) return null
  const shown = asShown(record)
  if (column === null) return { start: at, end: record.endsWith('…') ? at : at + shown.length }
  if (part === null || part.end > record.replace(/…$/, '').length) return { start: at, end: at }
  const toShown = (offset: number) => at + record.slice(0, offset).replaceAll('\r\n', '\n').length
  return { start: toShown(part.start), end: toShown(part.end) }
}

/**
 * Where the record of each reject begins in a text that has the records in their order. They are searched from the end,
 * because the header before the first one may be equal to a record. Equal records stand for one another.
 */
function findRecords(text: string, rejects: readonly LoadReject[]): (number | null)[] {
  const found: (number | null)[] = []
  let next = text.length + 1
  let last: LoadReject | undefined
  for (const reject of rejects.toReversed()) {
    const { text: record } = reject
    const isSame = last !== undefined && record === last.text && reject.line === last.line && reject.file === last.file
    last = reject
    const before = found[0] ?? null
    const at = record === null ? null : isSame ? before : findRecord(text, record, next)
    if (at !== null && !isSame) next = at
    found.unshift(at ?? (record === null ? null : findRecord(text, record, text.length + 1)))
  }
  return found
}

/** The last line before `end` with which a record begins that is the given one. */
function findRecord(text: string, record: string, end: number): number | null {
  const shown = asShown(record)
  const isTruncated = record.endsWith('…')
  let from = end
  while (from > 0) {
    const at = text.lastIndexOf(shown, from - 1)
    if (at < 0) return null
    const after = text[at + shown.length]
    const isWhole = isTruncated || after === undefined || after === '\n'
    if (isWhole && (at === 0 || text[at - 1] === '\n')) return at
    from = at
  }
  return null
}

function listDeletedLines(before: string, after: string): string[] {
  const deleted: string[] = []
  let [removed, added]: [string[], string[]] = [[], []]
  const endBlock = () => {
    deleted.push(...withoutReplaced(removed, added))
    ;[removed, added] = [[], []]
  }
  for (const { change, text } of lineDiff(before, after)) {
    if (change === 'unchanged') endBlock()
    // An empty line replaces nothing.
    else if (change === 'removed') removed.push(text)
    else if (text.trim() !== '') added.push(text)
  }
  endBlock()
  return deleted
}

/** Each added line replaces the removed one that is most like it. */
function withoutReplaced(removed: readonly string[], added: readonly string[]): string[] {
  if (removed.length <= added.length) return []
  if (removed.length * added.length > MAX_COMPARED_PAIRS) return removed.slice(added.length)
  const remaining = [...removed]
  for (const line of added) {
    const likeness = remaining.map((other) => countSharedEnds(other, line))
    remaining.splice(likeness.indexOf(Math.max(...likeness)), 1)
  }
  return remaining
}

/** How many characters two lines share at their beginnings and at their ends. */
function countSharedEnds(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  let head = 0
  while (head < shorter && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1
  return head + tail
}
