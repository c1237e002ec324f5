import { PostgreSQL, SQLDialect } from '@codemirror/lang-sql'

const KEYWORDS = `${PostgreSQL.spec.keywords ?? ''} qualify summarize describe pivot unpivot asof positional semi anti exclude replace sample version`

/** PostgreSQL's words, and those that DuckDB adds to them. */
export const DUCKDB = SQLDialect.define({ ...PostgreSQL.spec, keywords: KEYWORDS })

/** Of engines where names stand in backticks and text may stand in double quotes. */
const BACKTICK_DIALECT = SQLDialect.define({
  keywords: `${KEYWORDS} lateral view overwrite refresh`,
  types: `${PostgreSQL.spec.types ?? ''} string int bigint binary`,
  identifierQuotes: '`',
  doubleQuotedStrings: true,
  backslashEscapes: true,
})
const BACKTICK_ENGINES = new Set(['spark', 'hive', 'databricks', 'bigquery', 'flink', 'impala', 'mysql', 'doris'])

/** How SQL of an engine is read, by the name Iceberg views give its dialect; only colours depend on it. */
export function sqlDialect(name: string): SQLDialect {
  return BACKTICK_ENGINES.has(name.toLowerCase()) ? BACKTICK_DIALECT : DUCKDB
}
