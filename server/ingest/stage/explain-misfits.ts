import 'server-only'
import { VARCHAR } from '@duckdb/node-api'
import { rejectionReason } from '../cast/rejection-reason'
import type { LoadedInput } from '../input/loaded-input'
import type { Rejects } from '../input/rejects'
import { firstLine } from '../input/sql-expression'
import { exactTextSql } from '@/server/codecs/duckdb-infinity'
import { quoteIdentifier, quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'

/** A value that does not fit, by the index of its column. */
export type ColumnMisfit = { record: number; line: number; columnIndex: number; text: string | null }

/** Each of these rows is computed once more, alone. */
const MAX_EXPLAINED = 1_000
const TABLE = 'unexplained_rows'

/**
 * Adds the misfits of columns that expressions compute, with the fields that the expression names, and DuckDB's message
 * if the expression failed.
 */
export async function explainMisfits(
  session: DuckdbSession,
  { computed, recordColumn = 'line' }: LoadedInput,
  misfits: readonly ColumnMisfit[],
  rejects: Rejects,
): Promise<void> {
  if (computed === null || misfits.length === 0) return
  const { columns, fields, source } = computed
  const explained = misfits.slice(0, MAX_EXPLAINED)
  const records = new Set(explained.map(({ record }) => record))
  const textOf = (name: string) => {
    const from = fields.find((field) => field.name.toLowerCase() === name.toLowerCase())?.from ?? VARCHAR
    return exactTextSql(from, quoteIdentifier(name))
  }
  const jsonOf = (names: readonly string[]) =>
    `json_object(${names.map((name) => `${quoteLiteral(name)}, ${textOf(name)}`).join(', ')})::VARCHAR`
  const named = fields.map(({ name, column }) => `${column} AS ${quoteIdentifier(name)}`)
  const key = findKey(fields)
  await session.run(
    `CREATE TEMP TABLE ${TABLE} AS SELECT ${[`${recordColumn} AS ${key}`, ...named].join(', ')} FROM ${source} WHERE ${recordColumn} IN (${[...records].join(', ')})`,
  )
  for (const { record, line, columnIndex, text } of misfits) {
    const column = columns.find((found) => found.columnIndex === columnIndex)
    if (!column) throw new RangeError(`no expression computes column ${columnIndex}`)
    const { field, sql, names } = column
    const from = `FROM ${TABLE} WHERE ${key} = ${record}`
    const isKnown = records.has(record)
    const reason = isKnown ? await findReason() : 'cannot be computed, or is a value that does not fit'
    rejects.add({ record, line, column: field.name, value: isKnown ? await fieldTexts() : text, reason })

    async function findReason(): Promise<string> {
      try {
        const [row] = await session.rows(`SELECT ${sql}::VARCHAR AS result ${from}`)
        const result = typeof row?.result === 'string' ? row.result : null
        const shown = result === null ? '' : `results in ${JSON.stringify(result)}, which `
        return `${shown}${rejectionReason(field.type, result)}`
      } catch (error) {
        return `cannot be computed: ${firstLine(error)}`
      }
    }

    async function fieldTexts(): Promise<string | null> {
      const [first, ...others] = names
      if (first === undefined) return null
      const texts = others.length === 0 ? textOf(first) : jsonOf(names)
      const [row] = await session.rows(`SELECT ${texts} AS texts ${from}`)
      return typeof row?.texts === 'string' ? row.texts : null
    }
  }
  await session.run(`DROP TABLE ${TABLE}`)
}

/** A column that no field is: an expression may name any of them. */
function findKey(fields: readonly { name: string }[]): string {
  let key = 'record'
  while (fields.some(({ name }) => name.toLowerCase() === key)) key += '_'
  return key
}
