import 'server-only'
import type { PartitionSum } from '@/lib/facts/partition-day'
import type { Term } from '@/lib/facts/terms'
import type { Change, Database } from '../../database'
import { change, query } from '../../statement'
import { inBatches } from '../in-batches'
import { isOneOf } from '../is-one-of'

/** The sums of tables by day and partition. */

export type PartitionDaySum = PartitionSum & { period: number }

/** @param periods at most 500 */
export async function readPartitionDays(
  database: Database,
  tableId: number,
  periods: readonly number[],
): Promise<PartitionDaySum[]> {
  if (periods.length === 0) return []
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_partition_days')
        .select(COLUMNS)
        .where('table_id', '=', tableId)
        .where('period', 'in', periods),
    ),
  )
  return rows.map(toSum)
}

/** Replaces the sums of some days. The caller's transaction has to fail when another process has changed them. */
export function partitionDayChanges(
  tableId: number,
  periods: readonly number[],
  sums: readonly PartitionDaySum[],
): Change[] {
  if (periods.length === 0) return []
  return [
    change(({ db }) =>
      db.deleteFrom('fact_partition_days').where('table_id', '=', tableId).where('period', 'in', periods),
    ),
    ...inBatches(sums, (batch) =>
      change(({ db }) =>
        db
          .insertInto('fact_partition_days')
          .values(batch.map(({ partition, ...sum }) => ({ table_id: tableId, partition_name: partition, ...sum }))),
      ),
    ),
  ]
}

/** The sums of some histories from a day to another one, which is not among them, oldest first. */
export async function readPartitionsBetween(
  database: Database,
  { tableIds, fromDay, toDay }: { tableIds: readonly number[]; fromDay: number; toDay: number },
): Promise<PartitionDaySum[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_partition_days')
        .select(COLUMNS)
        .where(isOneOf(dialect, tableIds))
        .where('period', '>=', fromDay)
        .where('period', '<', toDay)
        .orderBy('period')
        .orderBy('partition_name'),
    ),
  )
  return rows.map(toSum)
}

/** Whether one of these histories has partitions; null: none of them has been read. */
export async function hasPartitions(database: Database, tableIds: readonly number[]): Promise<boolean | null> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db.selectFrom('fact_partitions').select('is_partitioned').where(isOneOf(dialect, tableIds)),
    ),
  )
  return rows.length === 0 ? null : rows.some(({ is_partitioned }) => is_partitioned === 1)
}

const COLUMNS = ['period', 'partition_name', 'term', 'rows', 'files', 'bytes', 'unread'] as const

function toSum({
  partition_name,
  term,
  ...sum
}: Omit<PartitionDaySum, 'partition' | 'term'> & { partition_name: string; term: string }): PartitionDaySum {
  return { ...sum, partition: partition_name, term: term as Term }
}
