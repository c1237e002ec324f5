import type { AsOf } from '@/lib/iceberg/as-of'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import { distinguishNames } from '@/lib/query/duckdb/distinct-names'
import type { PlanMetadataTable, PlanTable, ScanOptions, TableScan } from '@/lib/query/load/table-scan'

const PLAN_CACHE_MS = 30_000

export type PlanCache = ReturnType<typeof createPlanCache>

/** The scans of tables and of metadata tables, planned by the server and cached for a short time. */
export function createPlanCache(planTable: PlanTable, planMetadataTable: PlanMetadataTable) {
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
  }
}
