import 'server-only'
import { DuckDBBlobValue, DuckDBDataChunk, type DuckDBAppender, type DuckDBValue } from '@duckdb/node-api'
import { AppError } from '@/lib/errors'
import { mkdir } from 'node:fs/promises'
import { type DuckdbLimits, type DuckdbSession, openDuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import type { KeyedRows } from './keyed-rows'

/** An expression such as `random()` gives a row other values each time. */
function changedInputError(): AppError {
  return new AppError(
    'invalid-request',
    'The input repeats keys, and had other values when it was read again to find the last row of each. Nothing was changed. Remove the repeated keys, or expressions such as random() from the mapping.',
  )
}

/** Rows of a chunk of DuckDB. */
const CHUNK_ROWS = 2_048
/** Rows of the table that are compared with the keys of the load at once. */
const MATCHED_ROWS = 1_000_000

/** Rows of files, each by the index of its file and its position in it. */
export type FileRows = { file: number; positions: readonly number[] }

/** The order of rows in files: by file, then by position. */
const RANK = '(file::BIGINT * 4294967296 + position)'

/** The tables that rows are added to. `ordered` and `written` have a digest of each row, too. */
type RowTable = 'staged' | 'ordered' | 'written' | 'found'

/**
 * The keys of a load, and the rows of the table that have them: in DuckDB, within its limits of memory and on disk
 * beyond, so that a load may have any number of keys.
 */
export class KeyTable {
  readonly #session: DuckdbSession
  readonly #appenders = new Map<RowTable, DuckDBAppender>()
  #unmatchedRowCount = 0

  private constructor(session: DuckdbSession) {
    this.#session = session
  }

  /** @param folder of this machine, which need not exist */
  static async open(folder: string, limits: DuckdbLimits): Promise<KeyTable> {
    await mkdir(folder, { recursive: true })
    const session = await openDuckdbSession({ inputPath: null, stagingDir: folder }, limits)
    try {
      const columns = '"key" BLOB, digest BLOB, file INTEGER, position INTEGER'
      for (const table of ['staged', 'ordered', 'written', 'found'])
        await session.run(`CREATE TABLE ${table} (${columns})`)
      await session.run('CREATE TABLE superseded (file INTEGER, position INTEGER)')
      await session.run('CREATE TABLE replaced (file INTEGER, position INTEGER, key_id BIGINT)')
    } catch (error) {
      session.close()
      throw error
    }
    return new KeyTable(session)
  }

  close(): void {
    try {
      // Closing an appender writes its rows, for which there may be no room.
      for (const appender of this.#appenders.values()) appender.clear()
      this.#closeAppenders()
    } finally {
      this.#session.close()
    }
  }

  async add(table: RowTable, file: number, { rowCount, keys, digests, positions }: KeyedRows): Promise<void> {
    const appender = this.#appenders.get(table) ?? (await this.#session.connection.createAppender(table))
    this.#appenders.set(table, appender)
    const types = [0, 1, 2, 3].map((i) => appender.columnType(i))
    for (let from = 0; from < rowCount; from += CHUNK_ROWS) {
      const to = Math.min(rowCount, from + CHUNK_ROWS)
      const chunk = DuckDBDataChunk.create(types, to - from)
      const toBlobs = (blobs: readonly Uint8Array[]) => blobs.slice(from, to).map((bytes) => new DuckDBBlobValue(bytes))
      chunk.setColumnValues(0, toBlobs(keys))
      chunk.setColumnValues(1, digests ? toBlobs(digests) : new Array<DuckDBValue>(to - from).fill(null))
      chunk.setColumnValues(2, new Array<DuckDBValue>(to - from).fill(file))
      chunk.setColumnValues(3, [...positions.subarray(from, to)])
      appender.appendDataChunk(chunk)
    }
  }

  /**
   * Takes the rows of the load for complete.
   *
   * @returns how many of them have a key that another row has, too, beyond one of each
   */
  async finishStaged(): Promise<number> {
    this.#closeAppenders()
    await this.#session.run(
      `CREATE TABLE keys AS SELECT "key", max(${RANK}) AS last_rank, count(*) AS row_count FROM staged GROUP BY "key"`,
    )
    return this.#count('SELECT coalesce(sum(row_count - 1), 0)::DOUBLE AS n FROM keys')
  }

  async keyCount(): Promise<number> {
    return this.#count('SELECT count(*)::DOUBLE AS n FROM keys')
  }

  /** Keeps the last row of each key, where the rows of the files have the order of the input. */
  async supersedeByOrder(): Promise<void> {
    await this.#session.run(
      `INSERT INTO superseded SELECT staged.file, staged.position FROM staged JOIN keys USING ("key")
       WHERE row_count > 1 AND ${RANK} <> last_rank`,
    )
  }

  /**
   * The same where only `ordered` has the rows in that order, and `written` the rows of the files. A row is found again by
   * its values. Rows that are equal in all of them may stand for each other.
   *
   * @throws {AppError} invalid-request when the two do not have the same values
   */
  async supersedeByValues(): Promise<void> {
    this.#closeAppenders()
    await this.#session.run(
      `CREATE TABLE winners AS SELECT "key", arg_max(ordered.digest, ${RANK}) AS digest
       FROM ordered JOIN keys USING ("key") WHERE row_count > 1 GROUP BY "key"`,
    )
    await this.#session.run(
      `CREATE TABLE retained AS SELECT "key", max(${RANK}) AS kept_rank
       FROM written JOIN winners USING ("key", digest) GROUP BY "key"`,
    )
    const [lost] = await this.#session.rows(
      `SELECT count(*)::DOUBLE AS n FROM keys ANTI JOIN retained USING ("key") WHERE row_count > 1`,
    )
    if (Number(lost?.n) > 0) throw changedInputError()
    await this.#session.run(
      `INSERT INTO superseded SELECT staged.file, staged.position FROM staged JOIN retained USING ("key")
       WHERE ${RANK} <> kept_rank`,
    )
    for (const table of ['ordered', 'written', 'winners', 'retained']) await this.#session.run(`DROP TABLE ${table}`)
  }

  /** Forgets the rows of the table that were found, to find them again. */
  async clearReplaced(): Promise<void> {
    this.#closeAppenders()
    this.#unmatchedRowCount = 0
    for (const table of ['found', 'replaced']) await this.#session.run(`DELETE FROM ${table}`)
  }

  /** Compares rows of a file of the table with the keys of the load. */
  async match(file: number, rows: KeyedRows): Promise<void> {
    await this.add('found', file, rows)
    this.#unmatchedRowCount += rows.rowCount
    if (this.#unmatchedRowCount >= MATCHED_ROWS) await this.finishMatching()
  }

  async finishMatching(): Promise<void> {
    this.#closeAppenders()
    this.#unmatchedRowCount = 0
    await this.#session.run(
      `INSERT INTO replaced SELECT found.file, found.position, keys.rowid FROM found JOIN keys USING ("key")`,
    )
    await this.#session.run('DELETE FROM found')
  }

  /** How many keys of the load the table has. */
  async replacedKeyCount(): Promise<number> {
    return this.#count('SELECT count(DISTINCT key_id)::DOUBLE AS n FROM replaced')
  }

  /** How many rows of each file are superseded or replaced. */
  async countByFile(table: 'superseded' | 'replaced'): Promise<Map<number, number>> {
    const rows = await this.#session.rows(
      `SELECT file, count(*)::DOUBLE AS n FROM ${table} GROUP BY file ORDER BY file`,
    )
    return new Map(rows.map(({ file, n }) => [Number(file), Number(n)]))
  }

  /** These rows, file by file in their order, some at a time. */
  async *rowsByFile(table: 'superseded' | 'replaced'): AsyncGenerator<FileRows, void> {
    const result = await this.#session.connection.stream(`SELECT file, position FROM ${table} ORDER BY file, position`)
    for (;;) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) return
      const files = chunk.getColumnValues(0).map(Number)
      const positions = chunk.getColumnValues(1).map(Number)
      for (let from = 0; from < files.length; ) {
        const file = files[from] ?? 0
        const next = files.findIndex((one, i) => i > from && one !== file)
        const to = next < 0 ? files.length : next
        yield { file, positions: positions.slice(from, to) }
        from = to
      }
    }
  }

  async #count(sql: string): Promise<number> {
    const [row] = await this.#session.rows(sql)
    return Number(row?.n)
  }

  #closeAppenders(): void {
    for (const appender of this.#appenders.values()) appender.closeSync()
    this.#appenders.clear()
  }
}
