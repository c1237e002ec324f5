import type { Statement } from '../statement/statements'
import { isSymbol, tokenName } from '../statement/tokenize'

/** DuckDB's messages for a column of a table or subquery, or a field of a struct, that does not exist. */
const MESSAGES = [
  /^Referenced column "(.+)" not found in FROM clause/,
  /^(?:Table|Values list) ".+" does not have a column named "(.+)"/,
  /^Could not find key "(.+)" in struct/,
]

/** Names that engines add to tables and DuckDB does not know: `_metadata` of Spark, `$path` of Trino. */
const HIDDEN_NAME = /^[_$]/

/**
 * The column or field that a statement names and no engine could find, by DuckDB's refusal of it; null if the refusal
 * has another reason, or if the name may be found elsewhere. `demo.trips.id` is a column of a table in other engines,
 * and DuckDB may report its first part.
 */
export function findMissingName(statement: Statement, message: string): string | null {
  const name = MESSAGES.flatMap((pattern) => pattern.exec(message)?.[1] ?? [])[0]
  if (name === undefined || HIDDEN_NAME.test(name)) return null
  const { tokens } = statement
  const indexes = [...tokens.keys()].filter((i) => tokenName(tokens[i])?.toLowerCase() === name.toLowerCase())
  const isWhole = indexes.length > 0 && indexes.every((i) => !isSymbol(tokens[i + 1], '.'))
  return isWhole ? name : null
}
