import 'server-only'
import { sql } from 'kysely'
import type { Database } from '../../database'
import { query } from '../../statement'
import { isOneOf } from '../is-one-of'
import { DAY_MS } from '../sum-tables'

/**
 * The beginning of the day, in UTC, on which each of these tables had its first rows. A table is left out whose history
 * begins with an amount that no known commit explains: it had rows before.
 */
export async function readFirstFacts(database: Database, tableIds: readonly number[]): Promise<Map<number, number>> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_days')
        .select(['table_id', 'period'])
        .select(sql<number>`max(case when term = 'not-read' then 1 else 0 end)`.as('is_unknown'))
        .where(isOneOf(dialect, tableIds))
        .where('period', '=', ({ selectFrom }) =>
          selectFrom('fact_days as own')
            .select((own) => own.fn.min<number>('own.period').as('first'))
            .whereRef('own.table_id', '=', 'fact_days.table_id'),
        )
        .groupBy(['table_id', 'period']),
    ),
  )
  return new Map(
    rows.flatMap(({ table_id, period, is_unknown }) =>
      is_unknown === 1 ? [] : [[table_id, period * DAY_MS] as const],
    ),
  )
}
