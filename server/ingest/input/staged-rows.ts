import 'server-only'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { ulid } from 'ulid'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import { NO_DICTIONARIES } from '@/server/data-files/write/parquet-file'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'

const HELD_ROWS = 'held_rows'

/** The column with the index of a row in the order of the input. */
export const ROW_NUMBER = 'file_row_number'

/** A value that does not fit, or that fails a check; columns, and checks if it is one, by their indexes. */
export type RowMisfit = {
  record: number
  line: number
  columnIndex: number
  checkIndex: number | null
  text: string | null
}

/**
 * Checked rows between the input and the table's files (see `selectRowsWithMisfits` for their columns), in a Parquet
 * file in the staging folder. It is written and read as a stream, in the order of the input. A DuckDB table would be
 * held in memory up to its limit and spilled beyond, which took more than twice the memory for 1 GB of CSV.
 */
export class StagedRows {
  readonly #session: DuckdbSession
  /** Null for rows that a session holds itself. */
  readonly #file: string | null
  readonly #hasFloatingPoint: boolean
  readonly rowCount: number

  private constructor(
    session: DuckdbSession,
    { file, rowCount, hasFloatingPoint }: { file: string | null; rowCount: number; hasFloatingPoint: boolean },
  ) {
    this.#session = session
    this.#file = file
    this.#hasFloatingPoint = hasFloatingPoint
    this.rowCount = rowCount
  }

  /** @param options.hasFloatingPoint whether values may be negative zeros, which dictionaries lose */
  static async write(
    session: DuckdbSession,
    folder: string,
    { rows, hasFloatingPoint }: { rows: string; hasFloatingPoint: boolean },
  ): Promise<StagedRows> {
    const file = path.join(folder, `rows-${ulid()}.parquet`)
    // The fastest codec: the file is read a few times and then deleted.
    const options = ['FORMAT parquet', 'COMPRESSION lz4_raw', 'ROW_GROUP_SIZE 65536']
    if (hasFloatingPoint) options.push(NO_DICTIONARIES)
    const [written] = await session.rows(`COPY (${rows}) TO ${quoteLiteral(file)} (${options.join(', ')})`)
    return new StagedRows(session, { file, rowCount: Number(written?.Count), hasFloatingPoint })
  }

  /** A few rows in the memory of the session, for a preview: one at a time. */
  static async hold(session: DuckdbSession, rows: string): Promise<StagedRows> {
    await session.run(`CREATE OR REPLACE TEMP TABLE ${HELD_ROWS} AS ${rows}`)
    const [counted] = await session.rows(`SELECT count(*)::DOUBLE AS "rows" FROM ${HELD_ROWS}`)
    return new StagedRows(session, { file: null, rowCount: Number(counted?.rows), hasFloatingPoint: false })
  }

  /** The rows as a relation in SQL. */
  get relation(): string {
    return this.#file === null ? HELD_ROWS : `read_parquet(${quoteLiteral(this.#file)})`
  }

  /** The same with {@link ROW_NUMBER}. */
  get numberedRelation(): string {
    return this.#file === null
      ? `(SELECT rowid AS ${ROW_NUMBER}, * FROM ${HELD_ROWS})`
      : `read_parquet(${quoteLiteral(this.#file)}, ${ROW_NUMBER} = true)`
  }

  /** The number of rows that have a value that does not fit, or that were rejected otherwise. */
  async countMisfits(): Promise<number> {
    const [counts] = await this.#session.rows(`SELECT count(misfits)::DOUBLE AS misfits FROM ${this.relation}`)
    return Number(counts?.misfits)
  }

  /** The first misfits by record. */
  async readMisfits(limit: number): Promise<RowMisfit[]> {
    const listed = await this.#session.rows(
      `SELECT record::DOUBLE AS record, line::DOUBLE AS line, m.column_index AS column_index, m.check_index AS check_index, m."text" AS "text"
       FROM (SELECT record, line, unnest(misfits) AS m FROM ${this.relation} WHERE misfits IS NOT NULL ORDER BY record LIMIT ${limit})
       ORDER BY record, column_index, check_index NULLS FIRST`,
    )
    return listed.map(({ record, line, column_index: columnIndex, check_index: checkIndex, text }) => ({
      record: Number(record),
      line: Number(line),
      columnIndex: Number(columnIndex),
      checkIndex: checkIndex === null ? null : Number(checkIndex),
      text: typeof text === 'string' ? text : null,
    }))
  }

  /** The first records with misfits. */
  async readMisfitRecords(limit: number): Promise<number[]> {
    const records = await this.#session.rows(
      `SELECT record::DOUBLE AS record FROM ${this.relation} WHERE misfits IS NOT NULL ORDER BY record LIMIT ${limit}`,
    )
    return records.map(({ record }) => Number(record))
  }

  /**
   * Rejects rows as a whole, without misfits of theirs, and discards this object.
   *
   * @param numbers a relation of the rows' numbers, each once, in a column `n`
   */
  async reject(numbers: string): Promise<StagedRows> {
    // A join with many rows does not preserve their order.
    const rows = `SELECT r.* EXCLUDE (${ROW_NUMBER}) REPLACE (CASE WHEN d.n IS NOT NULL THEN [] ELSE r.misfits END AS misfits)
       FROM ${this.numberedRelation} r LEFT JOIN ${numbers} d ON r.${ROW_NUMBER} = d.n ORDER BY r.${ROW_NUMBER}`
    if (this.#file === null) return StagedRows.hold(this.#session, rows)
    const rejected = await StagedRows.write(this.#session, path.dirname(this.#file), {
      rows,
      hasFloatingPoint: this.#hasFloatingPoint,
    })
    await this.discard()
    return rejected
  }

  async discard(): Promise<void> {
    if (this.#file !== null) await rm(this.#file)
  }
}
