import { PostgreSQL, SQLDialect } from '@codemirror/lang-sql'

const KEYWORDS = `${PostgreSQL.spec.keywords ?? ''} qualify summarize describe pivot unpivot asof positional semi anti exclude replace sample version`

/** PostgreSQL's keywords and DuckDB's additions. `$name` is a parameter, and no beginning of a text in dollars. */
export const DUCKDB = SQLDialect.define({
  ...PostgreSQL.spec,
  keywords: KEYWORDS,
  doubleDollarQuotedStrings: false,
  specialVar: '?$',
})

/** The words that completion offers: those of statements that read. PostgreSQL also has hundreds of others. */
const OFFERED_KEYWORDS =
  'select from where group by having order limit offset with recursive as distinct all union intersect except name join ' +
  'left right full inner outer cross natural semi anti asof positional on using values case when then else end and or ' +
  'not in between like ilike similar is null true false exists cast try_cast over partition window rows range groups ' +
  'preceding following unbounded current row exclude replace columns qualify pivot unpivot tablesample describe ' +
  'summarize show tables views namespaces connections explain analyze for version timestamp of asc desc nulls first ' +
  'last filter within lateral materialized grouping sets cube rollup escape collate at time zone extract interval'
const OFFERED_TYPES =
  'bigint blob boolean date decimal double float hugeint integer smallint timestamptz tinyint uuid varchar'

export const OFFERED_WORDS = SQLDialect.define({ keywords: OFFERED_KEYWORDS, types: OFFERED_TYPES })

const offeredWords = new Set(`${OFFERED_KEYWORDS} ${OFFERED_TYPES}`.split(' '))

/** Whether a word is a whole keyword or type. */
export function isOfferedWord(word: string): boolean {
  return offeredWords.has(word.toLowerCase())
}

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
