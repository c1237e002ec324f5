import type { HistoryTableName } from '@/lib/facts/history-table-names'
import type { AsOf } from '@/lib/iceberg/as-of'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import { distinguishNames } from '@/lib/query/duckdb/distinct-names'
import type {
  PlanHistoryTable,
  PlanMetadataTable,
  PlanTable,
  ScanOptions,
  TableScan,
} from '@/lib/query/load/table-scan'

const PLAN_CACHE_MS = 30_000

export type PlanCache = ReturnType<typeof createPlanCache>

/** The scans of tables, of metadata tables and of history tables, planned by the server and cached for a short time. */
export function createPlanCache(
  planTable: PlanTable,
  planMetadataTable: PlanMetadataTable,
  planHistoryTable: PlanHistoryTable,
) {
  const plans = new Map<string, { scan: TableScan; plannedAt: number }>()
  return {
    async read(
      identifier: TableIdentifier,
      asOf: AsOf,
      { isFresh, ...planOptions }: ScanOptions,
      metadataTable: MetadataTableName | null = null,
    ): Promise<TableScan> {
      const { catalog, namespace, table } = identifier
      const key = JSON.stringify([
        catalog,
        joinNamespace(namespace),
        table,
        asOf,
        metadataTable,
        planOptions.schema?.schemaId,
      ])
      const cached = plans.get(key)
      if (!isFresh && cached && performance.now() - cached.plannedAt < PLAN_CACHE_MS) return cached.scan
      const planned =
        metadataTable === null
          ? await planTable(identifier, asOf, planOptions)
          : await planMetadataTable(identifier, metadataTable, asOf, planOptions)
      const scan = { ...planned, ...distinguishNames(planned.fields) }
      plans.set(key, { scan, plannedAt: performance.now() })
      return scan
    },

    async readHistory(name: HistoryTableName, { isFresh, ...planOptions }: ScanOptions): Promise<TableScan> {
      const cached = plans.get(name)
      if (!isFresh && cached && performance.now() - cached.plannedAt < PLAN_CACHE_MS) return cached.scan
      const scan = await planHistoryTable(name, planOptions)
      plans.set(name, { scan, plannedAt: performance.now() })
      return scan
    },
  }
}
