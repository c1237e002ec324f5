import { rawQuery } from '@/testing/databases/test-sql'
import type { Database } from '@/server/db/database'

type Sizes = { stored: number; encoded: number; plain: number }

/** All that is stored of what a table is made of; sums that are zero are left out. */
export async function readEveryColumn(database: Database, tableId: number) {
  const sizes = 'stored_bytes AS stored, encoded_bytes AS encoded, plain_bytes AS plain'
  const [storage] = await database.read(
    rawQuery<{
      data_files: number
      read_files: number
      unreadable_files: number
      column_count: number
      codec: string | null
      as_set_bytes: number | null
      set_bytes: number | null
      problem: string | null
      retry_at_ms: number | null
    }>('SELECT * FROM fact_storage WHERE table_id = ?', [tableId]),
  )
  const parts = await database.read(
    rawQuery<Sizes & { part: string }>(`SELECT part, ${sizes} FROM fact_parts WHERE table_id = ?`, [tableId]),
  )
  const columns = await database.read(
    rawQuery<Sizes & { fieldId: number; name: string; type: string }>(
      `SELECT field_id AS "fieldId", column_name AS name, type, ${sizes} FROM fact_column_sizes WHERE table_id = ?`,
      [tableId],
    ),
  )
  const days = await database.read(
    rawQuery<Sizes & { period: number; part: string }>(
      `SELECT period, part, ${sizes} FROM fact_part_days WHERE table_id = ? ORDER BY period`,
      [tableId],
    ),
  )
  const cuts = await database.read(
    rawQuery<Sizes & { part: string }>(
      `SELECT cut || ' ' || name AS part, ${sizes} FROM fact_storage_cuts WHERE table_id = ?`,
      [tableId],
    ),
  )
  const columnDays = await database.read(
    rawQuery<{ fieldId: number; stored: number }>(
      `SELECT field_id AS "fieldId", sum(stored_bytes) AS stored FROM fact_column_days WHERE table_id = ? GROUP BY field_id`,
      [tableId],
    ),
  )
  return {
    storage,
    parts: toSums(parts),
    columns,
    /** By cut and name, such as `age 2026-11`. */
    cuts: toSums(cuts),
    days: {
      sum: toSums(days),
      byPeriod: Object.fromEntries(
        [...Map.groupBy(days, ({ period }) => period)].map(([period, ofDay]) => [period, toSums(ofDay)]),
      ) as Record<number, Record<string, Sizes>>,
      ofColumns: Object.fromEntries(columnDays.map(({ fieldId, stored }) => [fieldId, stored])),
    },
  }
}

function toSums(rows: readonly (Sizes & { part: string })[]): Record<string, Sizes> {
  const sums = new Map<string, Sizes>()
  for (const { part, stored, encoded, plain } of rows) {
    const sum = sums.get(part) ?? { stored: 0, encoded: 0, plain: 0 }
    sums.set(part, { stored: sum.stored + stored, encoded: sum.encoded + encoded, plain: sum.plain + plain })
  }
  return Object.fromEntries([...sums].filter(([, { stored, plain }]) => stored !== 0 || plain !== 0))
}
