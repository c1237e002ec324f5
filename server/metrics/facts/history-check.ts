import 'server-only'
import type { HistoryCheck } from '@/lib/contract/dashboards'
import type { Database } from '@/server/db/database'
import { readDifferentChecks, sumFactChecks } from '@/server/db/facts/fact-checks'
import { readFactTablesById } from '@/server/db/facts/fact-tables'
import type { SumScope } from '@/server/db/facts/is-in-scope'

const MAX_LISTED = 20

/** The newest comparison of these tables with the lake; null if there was none. Dropped tables are left out. */
export async function readHistoryCheck(database: Database, of: SumScope): Promise<HistoryCheck | null> {
  const { atMs, ...counts } = await sumFactChecks(database, of)
  if (atMs === null) return null
  const different = counts.differentCount === 0 ? [] : await readDifferentChecks(database, of, MAX_LISTED)
  const tables = await readFactTablesById(
    database,
    different.map(({ tableId }) => tableId),
  )
  return {
    atMs,
    ...counts,
    different: different.flatMap(({ tableId, difference }) => {
      const found = tables.get(tableId)
      return found === undefined ? [] : [{ table: found.table, ...difference }]
    }),
  }
}
