import 'server-only'
import { writeFile } from 'node:fs/promises'
import type { TextPart } from '@/lib/ingest/text-reader'

/** One value (or, if `column` is null, one whole row) that does not fit. */
export type Reject = {
  /** A number that only its record of the input has, in their order: the line, unless records may share one. */
  record: number
  /** In the input, from 1: the line of a text file, the row of a Parquet file. */
  line: number
  column: string | null
  /** As it is in the file; of an expression, the fields that it names. */
  value: string | null
  reason: string
  /** The whole record as it is in the file, of JSON on one line; of Parquet, JSON of the fields that the load reads. */
  text: string | null
  /** Where the value stands in the whole record; null if no single part of it is known to be the value. */
  part: TextPart | null
}

/** `isOfField`: `column` is the name of a field of the input that fills no column. */
type FoundReject = Reject & { isOfField: boolean }

/** A misfit; its record is absent where it is the line. */
export type NewReject = Omit<FoundReject, 'text' | 'record' | 'part' | 'isOfField'> &
  Partial<Pick<FoundReject, 'text' | 'record' | 'isOfField'>>

/** Finds the value of a misfit in its record. */
export type FindValue = (reject: FoundReject) => Pick<Reject, 'value' | 'part'>

/** How many misfits are listed; the rows of all misfits are counted. */
export const MAX_REJECTS_WRITTEN = 10_000
/** How many rows are remembered, so that their records can be saved. */
export const MAX_RECORDS_REMEMBERED = 1_000_000
const MAX_VALUE_CHARS = 1_000
export const MAX_TEXT_CHARS = 2_000

/** The misfits of one run. */
export class Rejects {
  #listed: FoundReject[] = []
  readonly #records = new Set<number>()
  readonly #counts = new Map<string | null, number>()
  #byRecord: Map<number, FoundReject[]> | null = null
  /** Rows rejected so far; a row with several misfits counts once. */
  rowCount = 0
  /** Whether the number of a record says where it is, because the first records of the input share a line. */
  isByRecord = false

  /** How many more misfits can be listed. */
  get remaining(): number {
    return MAX_REJECTS_WRITTEN - this.#listed.length
  }

  get listed(): readonly FoundReject[] {
    return this.#listed
  }

  /** The records of the rejected rows, up to {@link MAX_RECORDS_REMEMBERED}. */
  get records(): ReadonlySet<number> {
    return this.#records
  }

  /** How often a value of each column does not fit; null for whole rows. */
  get counts(): ReadonlyMap<string | null, number> {
    return this.#counts
  }

  /** Counts a row that does not fit. Its misfits are added separately. */
  addRow(record: number): void {
    this.rowCount += 1
    this.addRecord(record)
  }

  addRecord(record: number): void {
    if (this.#records.size < MAX_RECORDS_REMEMBERED) this.#records.add(record)
  }

  add({ text, record, isOfField = false, ...reject }: NewReject): void {
    this.#counts.set(reject.column, (this.#counts.get(reject.column) ?? 0) + 1)
    if (this.remaining <= 0) return
    const value = shorten(reject.value, MAX_VALUE_CHARS)
    this.#listed.push({
      ...reject,
      record: record ?? reject.line,
      value,
      text: shorten(text ?? null, MAX_TEXT_CHARS),
      part: null,
      isOfField,
    })
  }

  /** Completes the misfits of a record with its text, and with the values as it has them and where. */
  complete(record: number, text: string, read: (text: string) => FindValue): void {
    this.#byRecord ??= Map.groupBy(this.#listed, (reject) => reject.record)
    const listed = this.#byRecord.get(record)
    if (listed === undefined) return
    const find = read(text)
    for (const reject of listed) {
      const { value, part } = find(reject)
      reject.text = shorten(text, MAX_TEXT_CHARS)
      reject.value = shorten(value, MAX_VALUE_CHARS)
      reject.part = part
    }
  }

  sort(): void {
    this.#listed = this.#listed.toSorted((a, b) => a.record - b.record)
  }

  /**
   * Writes the misfits as NDJSON, one object per line, in the order of the input, with their records unless those are the
   * lines, and whether these say where they are; writes no file without misfits.
   */
  async save(file: string): Promise<void> {
    if (this.#listed.length === 0) return
    this.sort()
    const { isByRecord } = this
    const isNumbered = isByRecord || this.#listed.some(({ record, line }) => record !== line)
    const lines = this.#listed.map(({ record, line, column, value, reason, text, part }) => {
      const numbers = { line, ...(isNumbered && { record }), ...(isByRecord && { isByRecord }) }
      return `${JSON.stringify({ ...numbers, column, value, reason, text, part })}\n`
    })
    await writeFile(file, lines.join(''), { mode: 0o600, flag: 'wx' })
  }
}

function shorten(value: string | null, maxChars: number): string | null {
  return value !== null && value.length > maxChars ? `${value.slice(0, maxChars)}…` : value
}
