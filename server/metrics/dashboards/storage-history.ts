import 'server-only'
import type { StoredSizes } from './storage-size-cache'
import pMap from 'p-map'
import type { Compression } from '@/lib/contract/dashboards'
import { AppError } from '@/lib/errors'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import type { RequestContext, LakeTables } from '../lake/lake-tables'
import { type Span, stepStarts } from '../span'
import { snapshotAt } from './snapshot-at'
import { countMeasuredFiles, readLiveSizes, sumPairedSizes, type TableSizes } from '../sizes/table-sizes'

/** How many past states one answer reads manifests for. Steps beyond that are unknown in this answer. */
const MAX_STATES = 400
const CONCURRENCY = 4

type StateSizes = StoredSizes & { unmeasuredCount: number }

const NO_BYTES: StateSizes = { plainBytes: 0, storedBytes: 0, unmeasuredCount: 0 }
const UNKNOWN_BYTES: StateSizes = { plainBytes: null, storedBytes: null, unmeasuredCount: 0 }

/**
 * Plain and stored bytes of the lake's measured files at the end of each step, up to now, and the number of its other
 * files; bytes are null if a table's state at that time no longer exists.
 */
export async function readStorageHistory(
  services: Pick<MetricsServices, 'database' | 'manifestCache' | 'storageSizes'>,
  { tables, withinBudget }: Pick<LakeTables, 'tables' | 'withinBudget'>,
  span: Span,
  context: RequestContext,
): Promise<Compression['history']> {
  if (tables.length === 0) return []
  const ends = stepStarts(span).map((startMs) => Math.min(startMs + span.stepMs, span.toMs))
  const instants = [
    span.fromMs,
    ...ends.filter((endMs, index) => index === 0 || (ends[index - 1] ?? 0) < context.nowMs),
  ]
  const states = new Map<string, { table: LoadedTable; snapshot: Snapshot }>()
  const keysByInstant = instants.map((atMs) =>
    tables.map((table) => {
      const snapshot = snapshotAt(table.metadata, Math.min(atMs, context.nowMs))
      if (snapshot === null) return 'nothing'
      if (snapshot === undefined) return 'unknown'
      const key = `${table.metadata.tableUuid} ${snapshot.snapshotId}`
      states.set(key, { table, snapshot })
      return key
    }),
  )
  const sizes = await readStateSizes(services, states, withinBudget, context)
  return instants.map((atMs, index) => {
    const parts = (keysByInstant[index] ?? []).map((key) =>
      key === 'nothing' ? NO_BYTES : (sizes.get(key) ?? UNKNOWN_BYTES),
    )
    return {
      atMs: Math.min(atMs, context.nowMs),
      plainBytes: sum(parts.map(({ plainBytes }) => plainBytes)),
      storedBytes: sum(parts.map(({ storedBytes }) => storedBytes)),
      unmeasuredCount: parts.reduce((total, { unmeasuredCount }) => total + unmeasuredCount, 0),
    }
  })
}

async function readStateSizes(
  services: Pick<MetricsServices, 'database' | 'manifestCache' | 'storageSizes'>,
  states: ReadonlyMap<string, { table: LoadedTable; snapshot: Snapshot }>,
  withinBudget: LakeTables['withinBudget'],
  context: RequestContext,
): Promise<Map<string, StateSizes>> {
  const known = new Map<string, StateSizes>()
  for (const key of states.keys()) {
    const sizes = services.storageSizes.get(key)
    if (sizes) known.set(key, { ...sizes, unmeasuredCount: 0 })
  }
  const unread = [...states].filter(([key]) => !known.has(key)).slice(-MAX_STATES)
  await pMap(
    unread,
    async ([key, { table, snapshot }]) => {
      const read = await tryReadSizes(
        withinBudget(table, (boundedContext) => readLiveSizes(services, table, snapshot, boundedContext)),
        context,
      )
      if (read === null) return
      const { plainBytes, storedBytes } = sumPairedSizes(read.measured)
      const { measuredCount, fileCount } = countMeasuredFiles([read])
      known.set(key, { plainBytes, storedBytes, unmeasuredCount: fileCount - measuredCount })
      // A later answer may know the sizes that are unknown now.
      if (measuredCount === fileCount) services.storageSizes.set(key, { plainBytes, storedBytes })
    },
    { concurrency: CONCURRENCY },
  )
  return known
}

/** Null when a past state can no longer be read: the line has a gap there, and the current sizes are still shown. */
async function tryReadSizes(reading: Promise<TableSizes>, context: RequestContext): Promise<TableSizes | null> {
  try {
    return await reading
  } catch (error) {
    if (context.signal.aborted || !(error instanceof AppError)) throw error
    return null
  }
}

function sum(parts: readonly (number | null)[]): number | null {
  return parts.reduce<number | null>((total, part) => (total === null || part === null ? null : total + part), 0)
}
