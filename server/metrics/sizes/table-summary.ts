import 'server-only'
import { defaultSpecLabel } from '@/lib/iceberg/metadata/current-layout'
import type { TableSummary, TableSummaryEntry } from '@/lib/contract/namespaces'
import { RHYTHM_DAYS } from '@/lib/contract/shapes/plain-values'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { isSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { isProtected, readAbout } from '@/lib/iceberg/properties/about'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { snapshotFigures } from '@/server/table/summary-counts'
import { toProblem } from '../lake/to-problem'
import { currentSnapshot, readSnapshotTotals } from './snapshot-totals'
import { readLiveSizes } from './table-sizes'

const DAY_MS = 86_400_000
/** Length of a description in a list. */
const MAX_LINE_CHARS = 200

type SummaryContext = { signal: AbortSignal; requestId: string; nowMs: number }

/** A table with its figures or, when they cannot be read, the reason. */
export async function readTableSummaryEntry(
  services: Pick<MetricsServices, 'database' | 'log' | 'manifestCache'>,
  catalog: CatalogClient,
  identifier: TableIdentifier,
  context: SummaryContext,
): Promise<TableSummaryEntry> {
  try {
    const summary = await readTableSummary(services, await catalog.loadTable(identifier, context), context)
    return { table: identifier.table, summary, problem: null }
  } catch (error) {
    return { table: identifier.table, summary: null, problem: toProblem(services.log, error, context) }
  }
}

async function readTableSummary(
  services: Pick<MetricsServices, 'database' | 'manifestCache'>,
  table: LoadedTable,
  { signal, nowMs }: SummaryContext,
): Promise<TableSummary> {
  const { metadata } = table
  const snapshot = currentSnapshot(metadata)
  const isSupported = isSupportedFormat(metadata)
  const totals = isSupported
    ? await readSnapshotTotals(services.manifestCache, table, snapshot, { signal })
    : snapshotFigures(snapshot)
  const sizes = isSupported ? await readLiveSizes(services, table, snapshot, { signal }) : null
  return {
    formatVersion: metadata.formatVersion,
    ...totals,
    ratio:
      sizes === null || sizes.plainBytes === null || sizes.storedBytes === 0
        ? null
        : { plainBytes: sizes.plainBytes, storedBytes: sizes.storedBytes, isEstimated: sizes.isEstimated },
    partitionedBy: defaultSpecLabel(metadata),
    commitsByDay: countCommitsByDay(metadata, nowMs),
    lastCommitMs: lastCommitMs(metadata),
    about: listedAbout(metadata),
  }
}

function listedAbout({ properties }: TableMetadata): TableSummary['about'] {
  const about = readAbout(properties)
  const line = (text: string | null) => text && text.slice(0, MAX_LINE_CHARS)
  return {
    ...about,
    tags: [...about.tags],
    description: line(about.description),
    owner: line(about.owner),
    badgeReason: line(about.badgeReason),
    isProtected: isProtected(properties),
  }
}

/** The time of the snapshot of `main`, whose figures are next to it; null without one. */
export function lastCommitMs(metadata: TableMetadata): number | null {
  return currentSnapshot(metadata)?.timestampMs ?? null
}

/** Commits that the metadata still lists, by periods of 24 hours, oldest first; the last one ends now. */
export function countCommitsByDay({ snapshots }: Pick<TableMetadata, 'snapshots'>, nowMs: number): number[] {
  const days = Array.from({ length: RHYTHM_DAYS }, () => 0)
  for (const { timestampMs } of snapshots) {
    // A writer's clock may run ahead of ours, so commits in the future count as now.
    const day = RHYTHM_DAYS - 1 - Math.floor(Math.max(0, nowMs - timestampMs) / DAY_MS)
    if (day >= 0) days[day] = (days[day] ?? 0) + 1
  }
  return days
}
