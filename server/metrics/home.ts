import 'server-only'
import { inParallel } from '@/lib/in-parallel'
import type { Home } from '@/lib/contract/home'
import type { LakeCommit } from '@/lib/contract/lake'
import { sum } from '@/lib/sum'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import type { Services } from '@/server/services'
import { commitsOf } from './commits'
import { newestEvents } from './events'
import { flowsOf } from './flows'
import { byLateness, freshnessOf } from './freshness'
import { type Asking, loadLake, readingOf } from './lake-tables'
import { problemOf } from './problem-of'
import { currentSnapshotOf, type SnapshotTotals, snapshotTotals } from './snapshot-totals'
import type { Span } from './span'
import { liveSizes, type TableSizes } from './table-sizes'

const AT_A_TIME = 4
const MAX_LISTED = 50
const DAY_MS = 86_400_000

type Read = { table: LoadedTable; totals: SnapshotTotals; sizes: TableSizes }

/** The lake at a glance: what it holds, what came in, what is late, what changed. */
export async function home(
  services: Pick<Services, 'catalogs' | 'database' | 'log' | 'manifestCache'>,
  actor: Actor,
  span: Span,
  asking: Asking,
): Promise<Home> {
  const lake = await loadLake(services, actor, {}, asking)
  const read: Read[] = []
  await inParallel(lake.tables, AT_A_TIME, async (table) => {
    const snapshot = currentSnapshotOf(table.metadata)
    try {
      const figures = await lake.inTime(table, async (bounded) => ({
        totals: await snapshotTotals(services.manifestCache, table, snapshot, bounded),
        sizes: await liveSizes(services, table, snapshot, bounded),
      }))
      read.push({ table, ...figures })
    } catch (error) {
      lake.unreadable.push({ place: table.ref, ...problemOf(services.log, error, asking) })
    }
  })
  const commits = lake.tables.flatMap(commitsOf)
  const flows = flowsOf(commits, span, 'table')
  return {
    ...readingOf({ ...lake, tables: read.map(({ table }) => table) }, asking),
    catalogCount: lake.catalogCount,
    namespaceCount: lake.namespaceCount,
    rowCount: sum(read.map(({ totals }) => totals.rowCount)),
    liveBytes: sum(read.map(({ totals }) => totals.liveBytes)),
    day: lastDay(commits, asking.nowMs),
    ratio: ratioOf(read),
    tables: read
      .map(({ table, totals, sizes }) => ({
        place: table.ref,
        rowCount: totals.rowCount,
        liveBytes: totals.liveBytes,
        plainBytes: sizes.plainBytes,
        storedBytes: sizes.storedBytes,
        isEstimated: sizes.isEstimated,
      }))
      .sort((a, b) => b.liveBytes - a.liveBytes)
      .slice(0, MAX_LISTED),
    series: flows.series,
    buckets: flows.buckets.map(({ startMs, values }) => ({
      startMs,
      rows: values.map(({ rows }) => rows),
      bytes: values.map(({ bytes }) => bytes),
    })),
    freshness: lake.tables
      .flatMap((table) => freshnessOf(table) ?? [])
      .sort(byLateness(asking.nowMs))
      .slice(0, MAX_LISTED),
    events: await newestEvents(services.database, actor, commits, MAX_LISTED),
  }
}

function lastDay(commits: readonly LakeCommit[], nowMs: number): Home['day'] {
  const day = commits.filter(({ atMs }) => atMs > nowMs - DAY_MS)
  return {
    commits: day.length,
    commitsDayBefore: commits.filter(({ atMs }) => atMs > nowMs - 2 * DAY_MS && atMs <= nowMs - DAY_MS).length,
    rows: sum(day.map(({ addedRows, removedRows }) => (addedRows ?? 0) - (removedRows ?? 0))),
    bytes: sum(day.map(({ addedBytes, removedBytes }) => (addedBytes ?? 0) - (removedBytes ?? 0))),
  }
}

/** Over the tables whose files are all known, and it says of how many files. */
function ratioOf(read: readonly Read[]): Home['ratio'] {
  const whole = read.flatMap(({ sizes }) =>
    sizes.plainBytes === null ? [] : [{ ...sizes, plainBytes: sizes.plainBytes, fileCount: sizes.measured.length }],
  )
  const storedBytes = sum(whole.map((sizes) => sizes.storedBytes))
  if (storedBytes === 0) return null
  const fileCount = sum(whole.map((sizes) => sizes.fileCount))
  return {
    plainBytes: sum(whole.map(({ plainBytes }) => plainBytes)),
    storedBytes,
    isEstimated: whole.some(({ isEstimated }) => isEstimated),
    fileCount,
    unknownCount: sum(read.map(({ sizes }) => sizes.measured.length + sizes.unknownCount)) - fileCount,
  }
}
