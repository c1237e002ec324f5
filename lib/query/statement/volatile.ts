import { isSymbol, tokenKeyword, tokenName, type Token } from './tokenize'

/** Functions whose value differs between runs over the same rows, or that depend on the state of the engine. */
const VOLATILE_FUNCTIONS = new Set(
  (
    'age currval error gen_random_uuid get_current_time get_current_timestamp getenv getvariable in_search_path ' +
    'nextval now random setseed sleep_ms stats today transaction_timestamp txid_current uuid uuidv4 uuidv7 write_log'
  ).split(' '),
)

/** The words that are values without parentheses: `current_date`, `current_user`. */
const VOLATILE_WORD = /^(current_\w+|localtime|localtimestamp)$/
/** Table functions about the engine itself. */
const ENGINE_FUNCTION = /^(duckdb_|pragma_|pg_)/
const SAMPLE_KEYWORDS = new Set(['SAMPLE', 'TABLESAMPLE'])

/**
 * Whether a statement may return other rows when it runs again over the same snapshots. Judged by its words alone, so a
 * column that is named like one of these counts, too.
 */
export function isVolatile(tokens: readonly Token[]): boolean {
  return tokens.some((token, at) => {
    if (SAMPLE_KEYWORDS.has(tokenKeyword(token) ?? '')) return true
    const name = tokenName(token)?.toLowerCase()
    if (name === undefined) return false
    if (VOLATILE_WORD.test(name)) return true
    if (!isSymbol(tokens[at + 1], '(')) return ENGINE_FUNCTION.test(name)
    return VOLATILE_FUNCTIONS.has(name) || ENGINE_FUNCTION.test(name)
  })
}
