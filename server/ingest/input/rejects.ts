import 'server-only'
import { writeFile } from 'node:fs/promises'

/** One value (or, if `column` is null, one whole row) that does not fit. */
export type Reject = {
  /** In the input, from 1: the line of a text file, the row of a Parquet file. */
  line: number
  column: string | null
  value: string | null
  reason: string
}

/** How many misfits are listed; the rows of all misfits are counted. */
export const MAX_REJECTS_WRITTEN = 10_000
const MAX_VALUE_CHARS = 1_000

/** The misfits of one run. */
export class Rejects {
  readonly #listed: Reject[] = []
  /** Rows rejected so far; a row with several misfits counts once. */
  rowCount = 0

  /** How many more misfits can be listed. */
  get remaining(): number {
    return MAX_REJECTS_WRITTEN - this.#listed.length
  }

  add(reject: Reject): void {
    if (this.remaining > 0) this.#listed.push(reject)
  }

  /** Writes the misfits as NDJSON, one object per line, in the order of the input; writes no file without misfits. */
  async save(file: string): Promise<void> {
    if (this.#listed.length === 0) return
    const lines = this.#listed
      .toSorted((a, b) => a.line - b.line)
      .map(({ line, column, value, reason }) => `${JSON.stringify({ line, column, value: shorten(value), reason })}\n`)
    await writeFile(file, lines.join(''), { mode: 0o600, flag: 'wx' })
  }
}

function shorten(value: string | null): string | null {
  return value !== null && value.length > MAX_VALUE_CHARS ? `${value.slice(0, MAX_VALUE_CHARS)}…` : value
}
