import 'server-only'
import { type RawBuilder, sql } from 'kysely'
import { RETAINED_PARTS, type PartBytes, type StoragePart } from '@/lib/facts/storage-part'
import type { Database } from '../../database'
import { query } from '../../statement'
import type { Tables } from '../../tables'
import { isInScope, type SumScope, sumsInScope } from '../is-in-scope'
import { isOneOf } from '../is-one-of'

/** The bytes of tables by part, now and by day. Days are counted since 1970-01-01, in UTC. */

/** Sums over tables, or by how much they changed on a day. */
export type PartSum = { part: StoragePart; bytes: PartBytes }
export type PartDay = PartSum & { day: number }

/** The live bytes of one table, or by how much they changed. Pages are those of all codecs. */
export type LiveSums = { pages: PartBytes; footers: number; unread: number; deletes: number }
export type TableLiveSums = { tableId: number; live: LiveSums }

/** The current bytes of tables by part. */
export async function readParts(database: Database, of: SumScope): Promise<PartSum[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_parts')
        .select('part')
        .select(({ fn }) => [
          fn.sum<number>('stored_bytes').as('stored'),
          fn.sum<number>('encoded_bytes').as('encoded'),
          fn.sum<number>('plain_bytes').as('plain'),
        ])
        .where(isInScope(dialect, of))
        .groupBy('part')
        .orderBy('part'),
    ),
  )
  return rows.map(({ part, ...bytes }) => ({ part: part as StoragePart, bytes }))
}

/** By how much they changed on each day from `fromDay` on. Those of whole catalogs are stored as sums. */
export async function readPartDays(
  database: Database,
  { of, fromDay }: { of: SumScope; fromDay: number },
): Promise<PartDay[]> {
  const name = 'catalogs' in of ? 'fact_lake_part_days' : 'fact_part_days'
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom(name)
        .select(['period', 'part'])
        .select(({ fn }) => [
          fn.sum<number>('stored_bytes').as('stored'),
          fn.sum<number>('encoded_bytes').as('encoded'),
          fn.sum<number>('plain_bytes').as('plain'),
        ])
        .where('period', '>=', fromDay)
        .where(isInScope(dialect, of, { hasCatalogs: true }))
        .groupBy(['period', 'part'])
        .orderBy('period')
        .orderBy('part'),
    ),
  )
  return rows.map(({ period, part, ...bytes }) => ({ day: period, part: part as StoragePart, bytes }))
}

/** The current live bytes of each table. */
export async function readTableParts(database: Database, of: SumScope): Promise<TableLiveSums[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_parts')
        .select('table_id')
        .select(LIVE_SUMS)
        .where(isInScope(dialect, of))
        .groupBy('table_id')
        .orderBy('table_id'),
    ),
  )
  return rows.map(({ table_id, ...sums }) => ({ tableId: table_id, live: toLiveSums(sums) }))
}

/** By how much they changed from a day on. */
export async function readTableChanges(
  database: Database,
  { of, fromDay }: { of: SumScope; fromDay: number },
): Promise<TableLiveSums[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_part_days')
        .select('table_id')
        .select(LIVE_SUMS)
        .where('period', '>=', fromDay)
        .where(isInScope(dialect, of))
        .groupBy('table_id')
        .orderBy('table_id'),
    ),
  )
  return rows.map(({ table_id, ...sums }) => ({ tableId: table_id, live: toLiveSums(sums) }))
}

/** The current bytes of these tables by part. */
export async function readPartsOf(
  database: Database,
  tableIds: readonly number[],
): Promise<(PartSum & { tableId: number })[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_parts')
        .selectAll()
        .where(isOneOf(dialect, tableIds))
        .orderBy('table_id')
        .orderBy('stored_bytes', 'desc')
        .orderBy('part'),
    ),
  )
  return rows.map((row) => ({
    tableId: row.table_id,
    part: row.part as StoragePart,
    bytes: { stored: row.stored_bytes, encoded: row.encoded_bytes, plain: row.plain_bytes },
  }))
}

/** By how much the live bytes of these tables changed on each day, which are rows for each table and day. */
export async function readTablePartDays(
  database: Database,
  { tableIds, fromDay }: { tableIds: readonly number[]; fromDay: number },
): Promise<(TableLiveSums & { day: number })[]> {
  const rows = await database.read(
    query((dialect) => {
      const days = sumsInScope(dialect, { tableIds }, { name: 'fact_part_days', from: fromDay, to: null })
      const parts = sql<Tables['fact_part_days']>`(select fact_part_days.* from ${days})`
      return dialect.db
        .selectFrom(parts.as('parts'))
        .select(['table_id', 'period'])
        .select(LIVE_SUMS)
        .groupBy(['table_id', 'period'])
        .orderBy('table_id')
        .orderBy('period')
    }),
  )
  return rows.map(({ table_id, period, ...sums }) => ({ tableId: table_id, day: period, live: toLiveSums(sums) }))
}

/** How many tables have files that only snapshots hold, as far as that is known. */
export async function countRetainedTables(database: Database, of: SumScope): Promise<number> {
  const [row] = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_parts')
        .select(({ fn }) => fn.count<number>('table_id').distinct().as('count'))
        .where('part', 'in', RETAINED_PARTS)
        .where(isInScope(dialect, of)),
    ),
  )
  return row?.count ?? 0
}

const IS_CODEC = sql`substr(part, 1, 6) = 'codec:'`

const sumWhere = (condition: RawBuilder<unknown>, column: string) =>
  sql<number>`sum(case when ${condition} then ${sql.ref(column)} else 0 end)`

const LIVE_SUMS = [
  sumWhere(IS_CODEC, 'stored_bytes').as('stored'),
  sumWhere(IS_CODEC, 'encoded_bytes').as('encoded'),
  sumWhere(IS_CODEC, 'plain_bytes').as('plain'),
  sumWhere(sql`part = 'footers'`, 'stored_bytes').as('footers'),
  sumWhere(sql`part = 'unread'`, 'stored_bytes').as('unread'),
  sumWhere(sql`part = 'deletes'`, 'stored_bytes').as('deletes'),
] as const

function toLiveSums({
  stored,
  encoded,
  plain,
  ...files
}: PartBytes & Pick<LiveSums, 'footers' | 'unread' | 'deletes'>): LiveSums {
  return { pages: { stored, encoded, plain }, ...files }
}
