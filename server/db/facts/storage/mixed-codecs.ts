import 'server-only'
import { sql } from 'kysely'
import type { StoragePart } from '@/lib/facts/storage-part'
import type { Database } from '../../database'
import { query } from '../../statement'
import { isInScope, type SumScope } from '../is-in-scope'
import { isOneOf } from '../is-one-of'

/** Tables whose files are in several codecs. */

/** Those with the most bytes that are not in their largest codec. */
export async function readMixedTables(
  database: Database,
  { of, limit }: { of: SumScope; limit: number },
): Promise<number[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_parts')
        .select('table_id')
        .where('part', '>=', 'codec:')
        .where('part', '<', 'codec;')
        .where(isInScope(dialect, of))
        .groupBy('table_id')
        .having(({ fn }) => fn.countAll(), '>', 1)
        .orderBy(sql`sum(stored_bytes) - max(stored_bytes)`, 'desc')
        .orderBy('table_id')
        .limit(limit),
    ),
  )
  return rows.map(({ table_id }) => table_id)
}

/** By how much the stored bytes of each part of these tables changed on each day from `fromDay` on, the oldest first. */
export async function readPartDaysOf(
  database: Database,
  { tableIds, fromDay }: { tableIds: readonly number[]; fromDay: number },
): Promise<{ tableId: number; day: number; part: StoragePart; storedBytes: number }[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_part_days')
        .select(['table_id', 'period', 'part', 'stored_bytes'])
        .where('period', '>=', fromDay)
        .where(isOneOf(dialect, tableIds))
        .orderBy('table_id')
        .orderBy('period')
        .orderBy('part'),
    ),
  )
  return rows.map((row) => ({
    tableId: row.table_id,
    day: row.period,
    part: row.part as StoragePart,
    storedBytes: row.stored_bytes,
  }))
}
