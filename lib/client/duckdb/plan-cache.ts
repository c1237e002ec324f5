import type { AsOf } from '@/lib/iceberg/as-of'
import { joinNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { distinguishNames } from '@/lib/query/duckdb/distinct-names'
import type { PlanTable, ScanOptions, TableScan } from './table-scan'

const PLAN_CACHE_MS = 30_000

export type PlanCache = ReturnType<typeof createPlanCache>

/** The scans of tables, planned by the server and cached for a short time. */
export function createPlanCache(planTable: PlanTable) {
  const plans = new Map<string, { scan: TableScan; plannedAt: number }>()
  return {
    async read(identifier: TableIdentifier, asOf: AsOf, { isFresh, ...planOptions }: ScanOptions): Promise<TableScan> {
      const key = JSON.stringify([identifier.catalog, joinNamespace(identifier.namespace), identifier.table, asOf])
      const cached = plans.get(key)
      if (!isFresh && cached && performance.now() - cached.plannedAt < PLAN_CACHE_MS) return cached.scan
      const planned = await planTable(identifier, asOf, planOptions)
      const scan = { ...planned, ...distinguishNames(planned.fields) }
      plans.set(key, { scan, plannedAt: performance.now() })
      return scan
    },
  }
}
