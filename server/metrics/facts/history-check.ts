import 'server-only'
import type { HistoryCheck } from '@/lib/contract/dashboards'
import type { Database } from '@/server/db/database'
import { readFactChecks } from '@/server/db/facts/fact-checks'
import type { FactTable } from '@/server/db/facts/fact-tables'

const MAX_LISTED = 20

/** The newest comparison of these tables with the lake; null if there was none. Dropped tables are left out. */
export async function readHistoryCheck(database: Database, tables: readonly FactTable[]): Promise<HistoryCheck | null> {
  const present = new Map(tables.flatMap((one) => (one.droppedAtMs === null ? [[one.id, one.table] as const] : [])))
  const checks = (await readFactChecks(database, [...present.keys()])).filter(({ tableId }) => present.has(tableId))
  if (checks.length === 0) return null
  const different = checks.flatMap(({ tableId, difference }) => {
    const table = present.get(tableId)
    const isEqual = difference === null || Object.values(difference).every((amount) => amount === 0)
    return isEqual || table === undefined ? [] : [{ table, ...difference }]
  })
  const isCompared = checks.filter(({ comparedWith }) => comparedWith === 'files')
  return {
    atMs: checks.reduce((first, { checkedAtMs }) => Math.min(first, checkedAtMs), Number.POSITIVE_INFINITY),
    comparedCount: isCompared.length,
    uncomparedCount: present.size - isCompared.length,
    differentCount: different.length,
    different: different.slice(0, MAX_LISTED),
  }
}
