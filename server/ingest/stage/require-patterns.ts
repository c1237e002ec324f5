import 'server-only'
import { AppError } from '@/lib/errors'
import { ruleProperty } from '@/lib/iceberg/properties/value-rules'
import type { ColumnRule } from '@/lib/rules/column-rules'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { firstLine } from '../input/sql-expression'

/**
 * Only RE2 knows all of its syntax and its limits.
 *
 * @throws {AppError} invalid-request naming the property whose pattern RE2 refuses
 */
export async function requirePatterns(session: DuckdbSession, rules: readonly ColumnRule[]): Promise<void> {
  for (const rule of rules) {
    if (rule.kind !== 'pattern') continue
    try {
      await session.rows(`SELECT regexp_matches('', ${quoteLiteral(rule.pattern)})`)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('Invalid Input Error'))) throw error
      const key = ruleProperty(rule.name)
      throw new AppError(
        'invalid-request',
        `${key} has a pattern that is not a regular expression: ${firstLine(error)}. Nothing was loaded.`,
        { cause: error, facts: { key } },
      )
    }
  }
}
