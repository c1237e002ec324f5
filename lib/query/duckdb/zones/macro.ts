import { quoteString } from '@/lib/sql/quote-identifier'

/** The schema of the macros that stand for what DuckDB has with ICU. */
export const ZONE_SCHEMA = 'lakeshore_zone'

/**
 * The zone of SQL, in every engine. DuckDB without ICU casts texts, dates and timestamps to `TIMESTAMPTZ` in UTC, also
 * where the statement has no cast, and its plans do not name all of these casts.
 */
export const SESSION_ZONE = 'UTC'

/** Types that DuckDB would otherwise cast to `TIMESTAMPTZ` to fit a macro's parameter. */
export const PLAIN_TIME_TYPES = ['TIMESTAMP', 'DATE', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS'] as const
export const OTHER_TYPES = [...PLAIN_TIME_TYPES, 'TIME', 'INTERVAL', 'VARCHAR'] as const

/** DuckDB's own function, which macros of the same name call. */
export const own = (name: string) => `system.main."${name}"`

export function macro(name: string, ...overloads: readonly string[]): string {
  return `CREATE OR REPLACE MACRO ${ZONE_SCHEMA}.${name} ${overloads.join(', ')}`
}

/** An error at the first row, with the type that the expression would have. */
export function refusal(message: string, type: string): string {
  return `CAST(error(${quoteString(`lakeshore: not supported: ${message}`)}) AS ${type})`
}
