import type { LoadReject } from '@/lib/contract/jobs'
import { lineDiff } from '@/lib/query/line-diff'
import { asShown, findRecord, isTruncated } from './record-positions'

/** Whether a rejected record is in the text as it came, or how a user corrected it. */
export type RecordState = 'as-it-came' | 'changed' | 'deleted'

/** Above this many pairs of a removed and an added line, lines are matched by their order. */
const MAX_COMPARED_PAIRS = 10_000

/**
 * The state of the record of each reject. A line that replaces another one changes it, also if it begins with all of it;
 * a line without a replacement is deleted. Of equal records, the first ones count as those that are left.
 */
export function correctedRecords(initialText: string, text: string, rejects: readonly LoadReject[]): RecordState[] {
  const left = countLines(text)
  const initialLines = initialText.split('\n')
  const isLeft = new Map<string, boolean>()
  for (const reject of rejects) {
    const { text: record } = reject
    const row = rowOf(reject)
    if (record === null || isLeft.has(row)) continue
    if (asShown(record).includes('\n')) {
      isLeft.set(row, findRecord(text, record, text.length + 1) !== null)
      continue
    }
    const line = isTruncated(record) ? initialLines.find((one) => one.startsWith(asShown(record))) : record
    const count = left.get(line ?? '') ?? 0
    isLeft.set(row, count > 0)
    left.set(line ?? '', count - 1)
  }
  if (![...isLeft.values()].includes(false)) return rejects.map(() => 'as-it-came')
  const deleted = listDeletedLines(initialText, text)
  const deletedLines = new Set(deleted)
  return rejects.map((reject) => {
    const { text: record } = reject
    if (record === null || isLeft.get(rowOf(reject)) !== false) return 'as-it-came'
    // A long record is known by its beginning, and one with line ends in quotes by its first line.
    const [firstLine = ''] = asShown(record).split('\n')
    const isDeleted = isTruncated(record)
      ? deleted.some((line) => line.startsWith(firstLine))
      : deletedLines.has(firstLine)
    return isDeleted ? 'deleted' : 'changed'
  })
}

/** Equal for the rejects of one row. */
export function rowOf({ file, line, record, text }: LoadReject): string {
  return JSON.stringify([file, record ?? line, text])
}

function countLines(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of text.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
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
