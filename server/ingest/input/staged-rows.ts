import 'server-only'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { ulid } from 'ulid'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'

/**
 * Checked rows between the input and the table's files (see `selectRowsWithMisfits` for their columns), in a Parquet
 * file in the staging folder. It is written and read as a stream, in the order of the input. A DuckDB table would be
 * held in memory up to its limit and spilled beyond, which took more than twice the memory for 1 GB of CSV.
 */
export class StagedRows {
  readonly #session: DuckdbSession
  readonly #file: string
  readonly rowCount: number

  private constructor(session: DuckdbSession, file: string, rowCount: number) {
    this.#session = session
    this.#file = file
    this.rowCount = rowCount
  }

  static async write(session: DuckdbSession, folder: string, rows: string): Promise<StagedRows> {
    const file = path.join(folder, `rows-${ulid()}.parquet`)
    // The fastest codec: the file is read a few times and then deleted.
    const [written] = await session.rows(
      `COPY (${rows}) TO ${quoteLiteral(file)} (FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 65536)`,
    )
    return new StagedRows(session, file, Number(written?.Count))
  }

  /** The rows as a relation in SQL. */
  get relation(): string {
    return `read_parquet(${quoteLiteral(this.#file)})`
  }

  /** How many rows have a value that does not fit. */
  async countMisfits(): Promise<number> {
    const [counts] = await this.#session.rows(`SELECT count(misfits)::DOUBLE AS misfits FROM ${this.relation}`)
    return Number(counts?.misfits)
  }

  /** The first misfits by line. */
  async readMisfits(limit: number): Promise<{ line: number; columnIndex: number; text: string | null }[]> {
    const listed = await this.#session.rows(
      `SELECT line::DOUBLE AS line, m.column_index AS column_index, m."text" AS "text"
       FROM (SELECT line, unnest(misfits) AS m FROM ${this.relation} WHERE misfits IS NOT NULL ORDER BY line LIMIT ${limit})
       ORDER BY line, column_index`,
    )
    return listed.map(({ line, column_index: columnIndex, text }) => ({
      line: Number(line),
      columnIndex: Number(columnIndex),
      text: typeof text === 'string' ? text : null,
    }))
  }

  /** The rows that meet the condition, in a new file. */
  filter(condition: string): Promise<StagedRows> {
    const rows = `SELECT * FROM ${this.relation} WHERE ${condition}`
    return StagedRows.write(this.#session, path.dirname(this.#file), rows)
  }

  discard(): Promise<void> {
    return rm(this.#file)
  }
}
