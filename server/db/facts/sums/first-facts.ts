import 'server-only'
import { sql } from 'kysely'
import type { Database } from '../../database'
import { query } from '../../statement'
import { isTableInScope } from '../is-in-scope'
import { DAY_MS } from '../sum-tables'

/**
 * The beginning of the day, in UTC, on which each of these tables had its first rows. A table is left out whose history
 * begins with an amount that no known commit explains: it had rows before.
 */
export async function readFirstFacts(database: Database, tableIds: readonly number[]): Promise<Map<number, number>> {
  const rows = await database.read(
    query((dialect) => {
      // The first day of each table is the beginning of its part of the key.
      const firstDays = sql<{ table_id: number; period: number | null }>`(select id as table_id,
          (select min(period) from fact_days where table_id = fact_tables.id) as period
        from fact_tables where ${isTableInScope(dialect, { tableIds })})`
      return dialect.db
        .selectFrom(firstDays.as('first'))
        .innerJoin('fact_days', (join) =>
          join.onRef('fact_days.table_id', '=', 'first.table_id').onRef('fact_days.period', '=', 'first.period'),
        )
        .select(['fact_days.table_id', 'fact_days.period'])
        .select(sql<number>`max(case when term = 'not-read' then 1 else 0 end)`.as('is_unknown'))
        .groupBy(['fact_days.table_id', 'fact_days.period'])
    }),
  )
  return new Map(
    rows.flatMap(({ table_id, period, is_unknown }) =>
      is_unknown === 1 ? [] : [[table_id, period * DAY_MS] as const],
    ),
  )
}
