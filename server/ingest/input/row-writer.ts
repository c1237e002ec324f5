import 'server-only'
import { type FileHandle, open } from 'node:fs/promises'
import type { CsvField } from '@/lib/ingest/csv-records'

const CHUNK_CHARS = 1024 * 1024

/** Writes rows in one form that DuckDB reads fast: every text in quotes, so that an unquoted field is null. */
export class RowWriter {
  readonly #file: FileHandle
  #rows: string[] = []
  #chars = 0
  #maxRowChars = 0

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async create(target: string): Promise<RowWriter> {
    return new RowWriter(await open(target, 'wx', 0o600))
  }

  /** A row of a format whose records do not share lines. */
  async write(line: number, values: readonly CsvField[]): Promise<void> {
    this.add(line, values)
    await this.flushIfLarge()
  }

  /**
   * Buffers the record without writing it yet.
   *
   * @param record its number, as the first column, where records may share a line
   */
  add(line: number, values: readonly CsvField[], record?: number): void {
    let row = record === undefined ? String(line) : `${record},${line}`
    for (const value of values)
      row += value === null ? ',' : `,"${value.includes('"') ? value.replaceAll('"', '""') : value}"`
    this.#rows.push(row)
    this.#chars += row.length
    this.#maxRowChars = Math.max(this.#maxRowChars, row.length)
  }

  async flushIfLarge(): Promise<void> {
    if (this.#chars > CHUNK_CHARS) await this.#flush()
  }

  /** An upper bound: a character takes up to three bytes of UTF-8 for each of its UTF-16 units. */
  get maxRecordBytes(): number {
    return this.#maxRowChars * 3 + 1
  }

  async close(): Promise<void> {
    await this.#flush()
    await this.#file.close()
  }

  async #flush(): Promise<void> {
    if (this.#rows.length === 0) return
    const text = `${this.#rows.join('\n')}\n`
    this.#rows = []
    this.#chars = 0
    await this.#file.writeFile(text)
  }
}
