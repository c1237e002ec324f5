import 'server-only'
import { exactTextSql } from '@/server/codecs/duckdb-infinity'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import type { LoadedInput } from '../input/loaded-input'
import { MAX_TEXT_CHARS, type Rejects } from '../input/rejects'
import { findInJson } from './rejected-parts'

/** Rows that one statement reads; each has at most {@link MAX_TEXT_CHARS}. */
const ROWS_AT_ONCE = 1_000

/** Completes the rejects of a Parquet file with their rows: JSON of the fields that the load reads, as exact texts. */
export async function completeRows(
  session: DuckdbSession,
  { rows, plan }: LoadedInput,
  rejects: Rejects,
): Promise<void> {
  if (rows === null) return
  const members = rows.fields.map(({ name, column, type }) => `${quoteLiteral(name)}, ${exactTextSql(type, column)}`)
  // One character more shows that the text was shortened.
  const record = `left(json_object(${members.join(', ')})::VARCHAR, ${MAX_TEXT_CHARS + 1})`
  const lines = [...new Set(rejects.listed.map(({ line }) => line))]
  for (let start = 0; start < lines.length; start += ROWS_AT_ONCE) {
    const some = lines.slice(start, start + ROWS_AT_ONCE).join(', ')
    const found = await session.rows(
      `SELECT line::DOUBLE AS line, ${record} AS record FROM ${rows.source} WHERE line IN (${some})`,
    )
    for (const { line, record: text } of found)
      if (typeof text === 'string') rejects.complete(Number(line), text, findInJson(plan))
  }
}
