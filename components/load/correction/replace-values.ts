import type { LoadReject } from '@/lib/contract/jobs'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import type { TextPart } from '@/lib/ingest/text-reader'
import { rowOf } from './corrected-records'
import { findRecords, knownPart, toShown } from './record-positions'

/** How values are written in the text: those of CSV, or of lines of JSON. */
export type ValueSyntax = Pick<CsvOptions, 'delimiter' | 'quote' | 'nullText'> | 'json'

/** A value of a column, and the one that takes its position; an empty text is null. */
export type Replacement = { column: string; value: string; by: string }

/** The end of a record and its new text; `part` has the new value. */
type Edit = TextPart & { text: string; part: TextPart }

/** Any of these may divide the fields of a file whose delimiter is not chosen. */
const DELIMITERS = [',', ';', '\t', '|']

/**
 * The rejects as the text has them after replacements, so that the values of a row are found although others in it were
 * replaced.
 */
export function withReplacements(
  rejects: readonly LoadReject[],
  replacements: readonly Replacement[],
  syntax: ValueSyntax,
): LoadReject[] {
  const current = [...rejects]
  const rows = rejects.map(rowOf)
  const indexesByRow = Map.groupBy(rows.keys(), (index) => rows[index])
  for (const replacement of replacements) {
    const changedRows = new Set(rows.filter((_row, index) => isMeant(rejects[index], replacement)))
    for (const row of changedRows) replaceInRow(current, { indexes: indexesByRow.get(row) ?? [], replacement, syntax })
  }
  return current
}

/**
 * Replaces a rejected value of a column wherever the text still has it.
 *
 * @param rejects as the text has them
 * @returns with the number of the values that were found
 */
export function replaceValues(
  text: string,
  rejects: readonly LoadReject[],
  replacement: Replacement,
  syntax: ValueSyntax,
): { text: string; count: number } {
  const positions = findRecords(text, rejects)
  const edits = rejects.flatMap((reject, index) => {
    const edit = isMeant(reject, replacement) ? toEdit(reject, replacement.by, syntax) : null
    const at = positions[index] ?? null
    if (edit === null || at === null || reject.text === null) return []
    return [{ start: at + toShown(reject.text, edit.start), end: at + toShown(reject.text, edit.end), text: edit.text }]
  })
  // Rules may reject a value twice.
  const byStart = [...new Map(edits.map((edit) => [edit.start, edit])).values()].toSorted((a, b) => a.start - b.start)
  let end = 0
  const pieces: string[] = []
  for (const edit of byStart) {
    pieces.push(text.slice(end, edit.start), edit.text)
    end = edit.end
  }
  return { text: pieces.join('') + text.slice(end), count: byStart.length }
}

/**
 * Whether the text still has the rejected value of each reject: its row is there, and the value was not replaced in it.
 *
 * @param current the rejects as the text has them
 */
export function listRemainingValues(
  text: string,
  rejects: readonly LoadReject[],
  current: readonly LoadReject[],
): boolean[] {
  const positions = findRecords(text, current)
  return rejects.map((reject, index) => {
    const replaced = current[index]
    return replaced !== undefined && positions[index] != null && valueText(replaced) === valueText(reject)
  })
}

/** The value as it is written in the record; null if its position is not known. */
function valueText(reject: LoadReject): string | null {
  const part = knownPart(reject)
  return part === null || reject.text === null ? null : reject.text.slice(part.start, part.end)
}

function isMeant(reject: LoadReject | undefined, { column, value }: Replacement): boolean {
  return reject?.column === column && reject.value === value
}

/** The rejects of one row have the same record, and each its part of it. */
function replaceInRow(
  current: LoadReject[],
  { indexes, replacement, syntax }: { indexes: readonly number[]; replacement: Replacement; syntax: ValueSyntax },
): void {
  const edits = indexes.flatMap((index) => {
    const reject = current[index]
    const edit = reject && isMeant(reject, replacement) ? toEdit(reject, replacement.by, syntax) : null
    return edit === null ? [] : [edit]
  })
  const unique = [...new Map(edits.map((edit) => [edit.start, edit])).values()]
  // From the end, so that the parts before stay.
  for (const edit of unique.toSorted((a, b) => b.start - a.start))
    for (const index of indexes) {
      const reject = current[index]
      if (!reject || reject.text === null) continue
      const { text, part } = reject
      const grown = edit.text.length - (edit.end - edit.start)
      const moved =
        part === null || part.end < edit.start
          ? part
          : part.start >= edit.end
            ? { start: part.start + grown, end: part.end + grown }
            : edit.part
      current[index] = { ...reject, text: text.slice(0, edit.start) + edit.text + text.slice(edit.end), part: moved }
    }
}

/** Null where the value is not known, or cannot be written. */
function toEdit(reject: LoadReject, by: string, syntax: ValueSyntax): Edit | null {
  const part = knownPart(reject)
  if (part === null || reject.text === null) return null
  return syntax === 'json' ? toJsonEdit(reject.text, part, by) : toCsvEdit(reject.text, part, by, syntax)
}

function toJsonEdit(record: string, part: TextPart, by: string): Edit {
  const isText = record[part.start] === '"'
  const text = by === '' ? 'null' : !isText && isJsonToken(by) ? by : JSON.stringify(by)
  return { ...part, text, part: { start: part.start, end: part.start + text.length } }
}

function isJsonToken(text: string): boolean {
  return /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false)$/.test(text)
}

function toCsvEdit(
  record: string,
  part: TextPart,
  by: string,
  { delimiter, quote, nullText }: Exclude<ValueSyntax, 'json'>,
): Edit | null {
  const isQuoted = quote !== null && record[part.start - 1] === quote && record[part.end] === quote
  const field = isQuoted ? { start: part.start - 1, end: part.end + 1 } : part
  // In quotes it would be a text.
  const value = by === '' ? nullText : by
  const delimiters = delimiter === null ? DELIMITERS : [delimiter]
  const needsQuotes = value !== nullText && [...delimiters, '\n', quote].some((sign) => sign && value.includes(sign))
  if (needsQuotes && quote === null) return null
  if (value === nullText || quote === null || !(isQuoted || needsQuotes))
    return { ...field, text: value, part: { start: field.start, end: field.start + value.length } }
  const escaped = value.replaceAll(quote, quote + quote)
  return {
    ...field,
    text: `${quote}${escaped}${quote}`,
    part: { start: field.start + 1, end: field.start + 1 + escaped.length },
  }
}
