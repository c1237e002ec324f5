import { sqlError } from './sql-error'
import { isSymbol, tokenName, tokenString, type Token } from './tokenize'

/**
 * Functions that describe DuckDB and the machine that it runs on, such as its folders, that write its log, or that run a
 * statement which is in a text, where no check sees it.
 */
const ENGINE_FUNCTION =
  /^(duckdb_\w+|pragma_\w+|current_setting|getenv|(enable|disable)_(logging|profiling)|set_log\w*|truncate_duckdb_logs|write_log|parse_duckdb_log_message|query|query_table|json_execute_serialized_sql|json_serialize_plan|sql_auto_complete|(enable|disable|check)_peg_parser|(force_)?checkpoint|which_secret)$/i
/** The table functions that Query has. Each gives rows from its arguments alone. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'generate_series icu_calendar_names json_each json_tree pg_timezone_names range repeat repeat_row summary ' +
    'test_all_types test_vector_types unnest'
  ).split(' '),
)
/** The meaning of SQL depends on it, and it is the same everywhere. */
const SHOWN_SETTING = /^timezone$/i

/** @throws {AppError} query-failed at the first call of a function that describes the engine, and not data */
export function checkEngineFunctions(tokens: readonly Token[]): void {
  tokens.forEach((token, at) => {
    if (!isSymbol(tokens[at + 1], '(') || !ENGINE_FUNCTION.test(tokenName(token) ?? '')) return
    if (isZoneOfSession(tokens, at)) return
    throw sqlError(
      `Query does not have ${token.text}: it describes the engine or runs text as SQL, and Query only reads tables.`,
      token,
      'DESCRIBE and the sidebar list the columns of a table. Write a statement itself in place of its text.',
    )
  })
}

/**
 * Any other function in place of a table is refused, so that one of a newer engine is not there before it was judged.
 *
 * @throws {AppError} query-failed
 */
export function requireTableFunction(name: Token): void {
  if (TABLE_FUNCTIONS.has((tokenName(name) ?? '').toLowerCase())) return
  throw sqlError(
    `Query does not have ${name.text} in place of a table.`,
    name,
    `Its table functions are ${[...TABLE_FUNCTIONS].join(', ')}.`,
  )
}

function isZoneOfSession(tokens: readonly Token[], at: number): boolean {
  return (
    tokenName(tokens[at])?.toLowerCase() === 'current_setting' &&
    SHOWN_SETTING.test(tokenString(tokens[at + 2]) ?? '') &&
    isSymbol(tokens[at + 3], ')')
  )
}
