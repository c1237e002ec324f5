import 'server-only'
import { sql } from 'kysely'
import { type SizeCount, toSizeBucket } from '@/lib/facts/file-size'
import type { Change, Database } from '../database'
import { change, query } from '../statement'
import type { WrittenFact } from './fact-writers'
import { inBatches } from './in-batches'
import { isInScope, type SumScope, sumsInScope } from './is-in-scope'
import { toDay } from './sum-tables'

/** How large the data files were that commits brought, by day in UTC. */

type SizeSum = { period: number; bucket: number; commits: number; files: number }

/** Added to the sums of a table and its catalog. Commits that only moved rows, or whose counts are unknown, are left out. */
export function addedSizeChanges(
  { id, catalog }: { id: number; catalog: string },
  rows: readonly WrittenFact[],
): Change[] {
  const sums = sumSizes(rows)
  return [
    ...inBatches(sums, (batch) =>
      change(({ db }) =>
        db
          .insertInto('fact_size_days')
          .values(batch.map((sum) => ({ table_id: id, ...sum })))
          .onConflict((conflict) => conflict.columns(['table_id', 'period', 'bucket']).doUpdateSet(ADDED_TO_TABLE)),
      ),
    ),
    ...inBatches(sums, (batch) =>
      change(({ db }) =>
        db
          .insertInto('fact_lake_size_days')
          .values(batch.map((sum) => ({ catalog, ...sum })))
          .onConflict((conflict) => conflict.columns(['period', 'catalog', 'bucket']).doUpdateSet(ADDED_TO_LAKE)),
      ),
    ),
  ]
}

const ADDED_TO_TABLE = {
  commits: sql<number>`fact_size_days.commits + excluded.commits`,
  files: sql<number>`fact_size_days.files + excluded.files`,
}
const ADDED_TO_LAKE = {
  commits: sql<number>`fact_lake_size_days.commits + excluded.commits`,
  files: sql<number>`fact_lake_size_days.files + excluded.files`,
}

/** In the order of their keys, as in `addedSumChanges`. */
function sumSizes(rows: readonly WrittenFact[]): SizeSum[] {
  const sums = new Map<string, SizeSum>()
  for (const { kind, operation, atMs, added } of rows) {
    const { files, bytes, deleteFiles } = added
    // Nothing separates the bytes of delete files from those of data files.
    if (kind !== 'commit' || operation === 'replace' || !files || bytes === null || deleteFiles !== 0) continue
    const period = toDay(atMs)
    const bucket = toSizeBucket(bytes / files)
    const key = `${period} ${String(bucket).padStart(3, '0')}`
    const sum = sums.get(key) ?? { period, bucket, commits: 0, files: 0 }
    sums.set(key, { ...sum, commits: sum.commits + 1, files: sum.files + files })
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum)
}

type SizeRange = { of: SumScope; fromMs: number; toMs: number }

/** The files of each day of a range, which begins and ends with whole days; days without any are left out. */
export async function readSizesByDay(
  database: Database,
  { of, fromMs, toMs }: SizeRange,
): Promise<({ period: number; commits: number } & SizeCount)[]> {
  const isOfLake = 'catalogs' in of
  return database.read(
    query((dialect) =>
      dialect.db
        .selectFrom(isOfLake ? 'fact_lake_size_days' : 'fact_size_days')
        .select(({ fn }) => [
          'period',
          'bucket',
          fn.sum<number>('files').as('files'),
          fn.sum<number>('commits').as('commits'),
        ])
        .where('period', '>=', toDay(fromMs))
        .where('period', '<=', toDay(toMs - 1))
        .where(isInScope(dialect, of, { hasCatalogs: isOfLake }))
        .groupBy(['period', 'bucket'])
        .orderBy('period')
        .orderBy('bucket'),
    ),
  )
}

type TableSizeRow = SizeCount & { table_id: number; commits: number }

/** The files of each table in a range, for some tables. */
export async function readSizesByTable(
  database: Database,
  { of, fromMs, toMs }: SizeRange,
): Promise<({ tableId: number; commits: number } & SizeCount)[]> {
  const rows = await database.read(
    query((dialect) => {
      const days = { name: 'fact_size_days', from: toDay(fromMs), to: toDay(toMs - 1) + 1 }
      const rows = sql<TableSizeRow>`(select table_id, bucket, files, commits from ${sumsInScope(dialect, of, days)})`
      return dialect.db
        .selectFrom(rows.as('sizes'))
        .select(({ fn }) => [
          'table_id',
          'bucket',
          fn.sum<number>('files').as('files'),
          fn.sum<number>('commits').as('commits'),
        ])
        .groupBy(['table_id', 'bucket'])
    }),
  )
  return rows.map(({ table_id, ...count }) => ({ tableId: table_id, ...count }))
}
