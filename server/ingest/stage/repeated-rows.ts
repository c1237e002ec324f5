import 'server-only'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { formatList } from '@/lib/format/sentence'
import type { UniqueRule } from '@/lib/rules/column-rules'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { brokenReason } from '../cast/row-check'
import { stagedColumn } from '../input/checked-rows'
import { MAX_REJECTS_WRITTEN, type Rejects } from '../input/rejects'
import { ROW_NUMBER, type StagedRows } from '../input/staged-rows'
import type { InputRequest, KeyFiles } from '../stage-request'

type RepeatsRequest = InputRequest & { keyFiles: KeyFiles }

/** The rows that break a unique rule, in a Parquet file. */
type Repeats = { rule: UniqueRule; file: string }

const PARQUET = '(FORMAT parquet, COMPRESSION lz4_raw)'

/**
 * Rejects every row whose key an earlier row of the load has, in this file or in one before it. Rows that were rejected
 * for their values have no key, and each rule looks at the same rows, so that the order of rules makes no difference. Keys
 * are on disk, and DuckDB joins them there.
 */
export async function rejectRepeatedRows(
  session: DuckdbSession,
  request: RepeatsRequest,
  { rows, rejects }: { rows: StagedRows; rejects: Rejects },
): Promise<StagedRows> {
  const found = await findRepeatedRows(session, request, rows)
  if (found.length === 0) return rows
  for (const repeats of found) await listRepeats(session, request, repeats, rejects)
  const files = found.map(({ file }) => quoteLiteral(file))
  const rejected = await rows.reject(`(SELECT DISTINCT n FROM read_parquet([${files.join(', ')}]))`)
  for (const { file } of found) await rm(file)
  return rejected
}

/** The rules that rows break, each with its rows in a file. Stores the keys of the rows for the files after this one. */
export async function findRepeatedRows(
  session: DuckdbSession,
  request: RepeatsRequest,
  rows: StagedRows,
): Promise<Repeats[]> {
  const found: Repeats[] = []
  for (const rule of request.rules) {
    if (rule.kind !== 'unique') continue
    const keys = new RowKeys(session, request, { rule, rows })
    if (await keys.storeFirsts()) found.push({ rule, file: await keys.writeRepeats() })
  }
  return found
}

/** The keys of rows for one rule: the values of its columns, unless one of them is null. */
class RowKeys {
  readonly #session: DuckdbSession
  readonly #request: RepeatsRequest
  readonly #rule: UniqueRule
  readonly #keyed: string
  readonly #names: readonly string[]

  constructor(session: DuckdbSession, request: RepeatsRequest, { rule, rows }: { rule: UniqueRule; rows: StagedRows }) {
    this.#session = session
    this.#request = request
    this.#rule = rule
    this.#names = rule.columnIndexes.map((_index, i) => `k${i}`)
    const columns = rule.columnIndexes.map(stagedColumn)
    const selected = columns.map((column, i) => `${column} AS k${i}`)
    const conditions = ['misfits IS NULL', ...columns.map((column) => `${column} IS NOT NULL`)]
    this.#keyed = `(SELECT ${ROW_NUMBER} AS n, record, line, ${selected.join(', ')} FROM ${rows.numberedRelation} WHERE ${conditions.join(' AND ')})`
  }

  /** Stores each key with its first row. @returns whether a row has the key of an earlier one */
  async storeFirsts(): Promise<boolean> {
    const { folder, earlierNames } = this.#request.keyFiles
    const keys = this.#names.join(', ')
    const file = this.#keyFile(earlierNames.length)
    const [stored] = await this.#session.rows(
      `COPY (SELECT ${keys}, min(n) AS n, min(record) AS record, min(line) AS line, ${earlierNames.length} AS file_index FROM ${this.#keyed} GROUP BY ${keys})
       TO ${quoteLiteral(path.join(folder, file))} ${PARQUET}`,
    )
    const [counted] = await this.#session.rows(`SELECT count(*)::DOUBLE AS "rows" FROM ${this.#keyed}`)
    if (Number(counted?.rows) > Number(stored?.Count)) return true
    if (earlierNames.length === 0) return false
    const [earlier] = await this.#session.rows(
      `SELECT count(*)::DOUBLE AS "rows" FROM ${this.#earlier} e SEMI JOIN ${this.#firsts} f ON ${this.#areEqual('e', 'f')}`,
    )
    return Number(earlier?.rows) > 0
  }

  /** @returns a file with the rows that have the key of an earlier one */
  async writeRepeats(): Promise<string> {
    const { stagingDir, keyFiles } = this.#request
    const file = path.join(stagingDir, `repeats-${this.#ruleIndex}.parquet`)
    const keys = this.#names.join(', ')
    const isFirst = keyFiles.earlierNames.length === 0
    const earlier = isFirst
      ? ''
      : `LEFT JOIN (SELECT ${keys}, min(file_index) AS file_index FROM ${this.#earlier} GROUP BY ${keys}) e ON ${this.#areEqual('q', 'e')}`
    const fileIndex = isFirst ? 'NULL::INTEGER' : 'e.file_index'
    await this.#session.run(
      `COPY (SELECT q.n, q.record, q.line, f.record AS first_record, f.line AS first_line, ${fileIndex} AS file_index, ${this.#text} AS "text"
         FROM ${this.#keyed} q JOIN ${this.#firsts} f ON ${this.#areEqual('q', 'f')} ${earlier}
         WHERE q.n > f.n OR ${fileIndex} IS NOT NULL)
       TO ${quoteLiteral(file)} ${PARQUET}`,
    )
    return file
  }

  get #firsts(): string {
    const { folder, earlierNames } = this.#request.keyFiles
    return `read_parquet(${quoteLiteral(path.join(folder, this.#keyFile(earlierNames.length)))})`
  }

  get #earlier(): string {
    const { folder, earlierNames } = this.#request.keyFiles
    const files = earlierNames.map((_name, i) => quoteLiteral(path.join(folder, this.#keyFile(i))))
    return `read_parquet([${files.join(', ')}])`
  }

  /** The key for the rejects: the value itself, or JSON of several. */
  get #text(): string {
    const { columnIndexes } = this.#rule
    if (columnIndexes.length === 1) return 'q.k0::VARCHAR'
    const members = columnNames(this.#request, this.#rule).map((name, i) => `${quoteLiteral(name)}, q.k${i}::VARCHAR`)
    return `json_object(${members.join(', ')})::VARCHAR`
  }

  get #ruleIndex(): number {
    return this.#request.rules.indexOf(this.#rule)
  }

  #keyFile(fileIndex: number): string {
    return `keys-${this.#ruleIndex}-${fileIndex}.parquet`
  }

  #areEqual(left: string, right: string): string {
    return this.#names.map((name) => `${left}.${name} = ${right}.${name}`).join(' AND ')
  }
}

async function listRepeats(
  session: DuckdbSession,
  request: RepeatsRequest,
  { rule, file }: Repeats,
  rejects: Rejects,
): Promise<void> {
  const names = columnNames(request, rule)
  const [name = null] = names
  const columns = formatList(names)
  const row = request.input.format === 'parquet' ? 'row' : 'line'
  const listed = await session.rows(
    `SELECT record::DOUBLE AS record, line::DOUBLE AS line, first_record::DOUBLE AS first_record, first_line::DOUBLE AS first_line, file_index, "text" FROM read_parquet(${quoteLiteral(file)})
     ORDER BY n LIMIT ${MAX_REJECTS_WRITTEN}`,
  )
  for (const found of listed) {
    const { record, line, first_record: firstRecord, first_line: firstLine, file_index: fileIndex, text } = found
    const first = rejects.isByRecord ? `record ${Number(firstRecord)}` : `${row} ${Number(firstLine)}`
    const earlier = fileIndex === null ? first : `a row of ${request.keyFiles.earlierNames[Number(fileIndex)]}`
    rejects.add({
      record: Number(record),
      line: Number(line),
      column: names.length === 1 ? name : null,
      value: typeof text === 'string' ? text : null,
      reason: brokenReason(rule.name, `has the same ${columns} as ${earlier}`),
    })
  }
}

function columnNames({ schema }: InputRequest, { columnIndexes }: UniqueRule): string[] {
  return columnIndexes.map((index) => schema.fields[index]?.name ?? '')
}
