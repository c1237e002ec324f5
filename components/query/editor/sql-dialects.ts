import { PostgreSQL, SQLDialect } from '@codemirror/lang-sql'

const KEYWORDS = `${PostgreSQL.spec.keywords ?? ''} qualify summarize describe pivot unpivot asof positional semi anti exclude replace sample version`

/** PostgreSQL's keywords and DuckDB's additions. */
export const DUCKDB = SQLDialect.define({ ...PostgreSQL.spec, keywords: KEYWORDS })

/** For engines that quote names in backticks and accept strings in double quotes. */
const BACKTICK_DIALECT = SQLDialect.define({
  keywords: `${KEYWORDS} lateral view overwrite refresh`,
  types: `${PostgreSQL.spec.types ?? ''} string int bigint binary`,
  identifierQuotes: '`',
  doubleQuotedStrings: true,
  backslashEscapes: true,
})
const BACKTICK_ENGINES = new Set(['spark', 'hive', 'databricks', 'bigquery', 'flink', 'impala', 'mysql', 'doris'])

/** The dialect for highlighting, by the dialect name in an Iceberg view. */
export function sqlDialect(name: string): SQLDialect {
  return BACKTICK_ENGINES.has(name.toLowerCase()) ? BACKTICK_DIALECT : DUCKDB
}
