import 'server-only'
import { defaultSpecLabel } from '@/lib/iceberg/current-parts'
import { inParallel } from '@/lib/in-parallel'
import { RHYTHM_DAYS, type TableSummary, type TableSummaryEntry } from '@/lib/contract/namespaces'
import type { Namespace } from '@/lib/iceberg/identifiers'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import type { Services } from '@/server/services'
import { pageOf } from './page-of'
import { problemOf } from './problem-of'
import { currentSnapshotOf, snapshotTotals } from './snapshot-totals'
import { liveSizes } from './table-sizes'

const PAGE_LENGTH = 100
const AT_A_TIME = 6
const DAY_MS = 86_400_000

type Asked = { signal: AbortSignal; requestId: string; nowMs: number }

/** A page of the tables in a namespace, each with its figures or, where they cannot be read, with the reason. */
export async function tableSummaries(
  services: Pick<Services, 'database' | 'log' | 'manifestCache'>,
  catalog: CatalogClient,
  namespace: Namespace,
  offset: number,
  asked: Asked,
) {
  const { items, ...page } = pageOf(await catalog.listTables(namespace, asked), offset, PAGE_LENGTH)
  const entries = await inParallel(items, AT_A_TIME, async (ref): Promise<TableSummaryEntry> => {
    try {
      const summary = await tableSummary(services, await catalog.loadTable(ref, asked), asked)
      return { table: ref.table, summary, problem: null }
    } catch (error) {
      return { table: ref.table, summary: null, problem: problemOf(services.log, error, asked) }
    }
  })
  return { ...page, entries, readAtMs: asked.nowMs }
}

async function tableSummary(
  services: Pick<Services, 'database' | 'manifestCache'>,
  table: LoadedTable,
  { signal, nowMs }: Asked,
): Promise<TableSummary> {
  const { metadata } = table
  const snapshot = currentSnapshotOf(metadata)
  const totals = await snapshotTotals(services.manifestCache, table, snapshot, { signal })
  const sizes = await liveSizes(services, table, snapshot, { signal })
  return {
    formatVersion: metadata.formatVersion,
    ...totals,
    ratio:
      sizes.plainBytes === null || sizes.storedBytes === 0
        ? null
        : { plainBytes: sizes.plainBytes, storedBytes: sizes.storedBytes, isEstimated: sizes.isEstimated },
    partitionedBy: defaultSpecLabel(metadata),
    commitsByDay: commitsByDay(metadata, nowMs),
    lastCommitMs: metadata.snapshots.reduce<number | null>(
      (last, { timestampMs }) => Math.max(last ?? timestampMs, timestampMs),
      null,
    ),
  }
}

/** Commits the metadata still knows, by day of 24 hours, oldest first; the last day ends now. */
export function commitsByDay({ snapshots }: Pick<TableMetadata, 'snapshots'>, nowMs: number): number[] {
  const days = Array.from({ length: RHYTHM_DAYS }, () => 0)
  for (const { timestampMs } of snapshots) {
    // A writer's clock may run ahead of ours: what is said to come counts as now.
    const day = RHYTHM_DAYS - 1 - Math.floor(Math.max(0, nowMs - timestampMs) / DAY_MS)
    if (day >= 0) days[day] = (days[day] ?? 0) + 1
  }
  return days
}
