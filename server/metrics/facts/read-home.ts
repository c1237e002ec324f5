import 'server-only'
import type { Home } from '@/lib/contract/home'
import { sum } from '@/lib/sum'
import type { Actor } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import type { FactTable } from '@/server/db/facts/fact-tables'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import type { Span } from '../span'
import { readCatalogNames } from './catalog-names'
import { readCatalogReadings } from './catalogs-behind'
import { readCountedTables } from './counted-tables'
import { listFreshness } from './freshness'
import { readHomeFlows } from './home-flows'
import { readNewestEvents } from './newest-events'
import { readRatio, readTableRatios } from './read-ratio'
import { countUnreadTables } from './unread-tables'

const MAX_LISTED = 50

/** Figures for the home page: the size of the lake, new data, late tables, and changes. */
export async function readHome(
  services: Pick<MetricsServices, 'config' | 'database'>,
  actor: Actor,
  span: Span,
  { nowMs }: { nowMs: number },
): Promise<Omit<Home, 'badges'>> {
  const { database } = services
  const [names, counted] = await Promise.all([
    readCatalogNames(services, actor),
    readCountedTables(services, actor, {}),
  ])
  const { repeated } = counted
  const tables = counted.tables.filter(({ droppedAtMs }) => droppedAtMs === null)
  const known = [...tables, ...repeated].map(({ table }) => table)
  const [{ behind }, unreadTableCount, flows, ratio, events] = await Promise.all([
    readCatalogReadings(services, actor, {}),
    countUnreadTables(services, actor, names, known),
    readHomeFlows(database, counted, { span, nowMs }),
    readRatio(database, counted.of),
    readNewestEvents(database, actor, tables, MAX_LISTED),
  ])
  return {
    readAtMs: nowMs,
    behind,
    unreadTableCount,
    catalogCount: names.length,
    namespaceCount: countNamespaces(tables),
    tableCount: tables.length,
    duplicates: repeated.slice(0, MAX_LISTED),
    duplicateCount: repeated.length,
    demoTableCount: tables.filter(({ isDemo }) => isDemo).length,
    rowCount: sum(tables.map(({ total }) => total.rows)),
    liveBytes: sum(tables.map(({ total }) => total.bytes)),
    ...flows,
    ...ratio,
    tables: await readLargest(database, tables),
    freshness: listFreshness(tables, { nowMs, limit: MAX_LISTED }),
    ...events,
  }
}

function countNamespaces(tables: readonly FactTable[]): number {
  return new Set(tables.map(({ table: { catalog, namespace } }) => JSON.stringify([catalog, ...namespace]))).size
}

async function readLargest(database: Database, tables: readonly FactTable[]): Promise<Home['tables']> {
  const largest = tables.toSorted((a, b) => b.total.bytes - a.total.bytes).slice(0, MAX_LISTED)
  const ratios = await readTableRatios(database, largest)
  return largest.flatMap(({ id, table, total }) => {
    const ratio = ratios.get(id)
    return ratio === undefined
      ? []
      : [{ table, rowCount: total.rows, liveBytes: total.bytes, dataFileCount: total.files, ...ratio }]
  })
}
