import 'server-only'
import pMap from 'p-map'
import type { Home } from '@/lib/contract/home'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { sum } from '@/lib/sum'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { DEMO_HISTORY_PROPERTY } from '@/lib/iceberg/properties/demo-history'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { toLakeCommits } from '../lake/lake-commits'
import { readNewestEvents } from '../lake/newest-events'
import { type CountedTables, readCountedTables } from '../facts/counted-tables'
import { readHomeFlows } from '../facts/home-flows'
import { byLateness, toFreshness } from './freshness'
import { type RequestContext, loadLake, toLakeReading } from '../lake/lake-tables'
import { toProblem } from '../lake/to-problem'
import { currentSnapshot, type SnapshotTotals, readSnapshotTotals } from '../sizes/snapshot-totals'
import type { Span } from '../span'
import { countMeasuredFiles, readLiveSizes, sumPairedSizes, type TableSizes } from '../sizes/table-sizes'

const CONCURRENCY = 4
const MAX_LISTED = 50

type TableReading = { table: LoadedTable; totals: SnapshotTotals; sizes: TableSizes }

/** Figures for the home page: the size of the lake, new data, late tables, and changes. */
export async function readHome(
  services: Pick<MetricsServices, 'catalogs' | 'config' | 'database' | 'log' | 'manifestCache'>,
  actor: Actor,
  span: Span,
  context: RequestContext,
): Promise<Home> {
  const lake = await loadLake(services, actor, {}, context)
  const readings: TableReading[] = []
  await pMap(
    lake.tables,
    async (table) => {
      const snapshot = currentSnapshot(table.metadata)
      try {
        const figures = await lake.withinBudget(table, async (boundedContext) => ({
          totals: await readSnapshotTotals(services.manifestCache, table, snapshot, boundedContext),
          sizes: await readLiveSizes(services, table, snapshot, boundedContext),
        }))
        readings.push({ table, ...figures })
      } catch (error) {
        lake.unreadable.push({ table: table.identifier, ...toProblem(services.log, error, context) })
      }
    },
    { concurrency: CONCURRENCY },
  )
  const commits = lake.tables.flatMap((table) => toLakeCommits(table))
  const counted = await readCountedTables(services, actor, {})
  const flows = await readHomeFlows(services.database, counted, { span, nowMs: context.nowMs })
  return {
    ...toLakeReading({ ...lake, tables: readings.map(({ table }) => table) }, context),
    ...flows,
    unreadHistoryCount: countUnread(lake.tables, counted),
    catalogCount: lake.catalogCount,
    namespaceCount: lake.namespaceCount,
    unprovenNamespaceCount: lake.unprovenNamespaceCount,
    demoTableCount: lake.tables.filter(
      ({ metadata }) => propertyValue(metadata.properties, DEMO_HISTORY_PROPERTY) === 'true',
    ).length,
    rowCount: sum(readings.map(({ totals }) => totals.rowCount)),
    liveBytes: sum(readings.map(({ totals }) => totals.liveBytes)),
    ratio: compressionRatio(readings),
    files: countMeasuredFiles(readings.map(({ sizes }) => sizes)),
    tables: readings
      .map(({ table, totals, sizes }) => ({
        table: table.identifier,
        rowCount: totals.rowCount,
        liveBytes: totals.liveBytes,
        dataFileCount: totals.dataFileCount,
        plainBytes: sizes.plainBytes,
        storedBytes: sizes.storedBytes,
        isEstimated: sizes.isEstimated,
      }))
      .sort((a, b) => b.liveBytes - a.liveBytes)
      .slice(0, MAX_LISTED),
    freshness: lake.tables
      .flatMap((table) => toFreshness(table) ?? [])
      .sort(byLateness(context.nowMs))
      .slice(0, MAX_LISTED),
    ...(await readNewestEvents(services.database, actor, { tables: lake.tables, commits }, MAX_LISTED)),
  }
}

/** Tables whose history was not read yet. */
function countUnread(tables: readonly LoadedTable[], counted: CountedTables): number {
  const known = new Set(counted.tables.map(({ tableUuid }) => tableUuid))
  return tables.filter(({ metadata }) => !known.has(metadata.tableUuid)).length
}

/** The ratio over the files whose plain and stored sizes are known, as on the compression dashboard. */
function compressionRatio(readings: readonly TableReading[]): Home['ratio'] {
  const measured = readings.flatMap(({ sizes }) => sizes.measured)
  const compared = sumPairedSizes(measured)
  if (compared.storedBytes === 0) return null
  return {
    plainBytes: compared.plainBytes,
    storedBytes: compared.storedBytes,
    isEstimated: readings.some(({ sizes }) => sizes.isEstimated),
  }
}
