import 'server-only'
import type { Sizes } from '@/server/metrics/storage-sizes'
import { inParallel } from '@/lib/in-parallel'
import type { Compression } from '@/lib/contract/dashboards'
import { AppError } from '@/lib/errors'
import type { Snapshot } from '@/lib/iceberg/table-metadata'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import type { Services } from '@/server/services'
import type { Asking, LakeTables } from './lake-tables'
import { type Span, stepsOf } from './span'
import { snapshotAt } from './state-at'
import { liveSizes, pairedSizes, type TableSizes } from './table-sizes'

/** Past states one answer reads manifests for; steps beyond it are not known in this answer. */
const MAX_STATES = 400
const AT_A_TIME = 4

const NOTHING: Sizes = { plainBytes: 0, storedBytes: 0 }
const NOT_KNOWN: Sizes = { plainBytes: null, storedBytes: null }

/** Plain and stored bytes of the lake's known files at the end of each step, up to now; null where a table's state then is gone. */
export async function storageHistory(
  services: Pick<Services, 'database' | 'manifestCache' | 'storageSizes'>,
  { tables, inTime }: Pick<LakeTables, 'tables' | 'inTime'>,
  span: Span,
  asking: Asking,
): Promise<Compression['history']> {
  if (tables.length === 0) return []
  const ends = stepsOf(span).map((startMs) => Math.min(startMs + span.stepMs, span.toMs))
  const instants = [span.fromMs, ...ends.filter((endMs, index) => index === 0 || (ends[index - 1] ?? 0) < asking.nowMs)]
  const states = new Map<string, { table: LoadedTable; snapshot: Snapshot }>()
  const keysAt = instants.map((atMs) =>
    tables.map((table) => {
      const snapshot = snapshotAt(table.metadata, Math.min(atMs, asking.nowMs))
      if (snapshot === null) return 'nothing'
      if (snapshot === undefined) return 'unknown'
      const key = `${table.metadata.tableUuid} ${snapshot.snapshotId}`
      states.set(key, { table, snapshot })
      return key
    }),
  )
  const sizes = await sizesOfStates(services, states, inTime, asking)
  return instants.map((atMs, index) => {
    const parts = (keysAt[index] ?? []).map((key) => (key === 'nothing' ? NOTHING : (sizes.get(key) ?? NOT_KNOWN)))
    return {
      atMs: Math.min(atMs, asking.nowMs),
      plainBytes: sum(parts.map(({ plainBytes }) => plainBytes)),
      storedBytes: sum(parts.map(({ storedBytes }) => storedBytes)),
    }
  })
}

async function sizesOfStates(
  services: Pick<Services, 'database' | 'manifestCache' | 'storageSizes'>,
  states: ReadonlyMap<string, { table: LoadedTable; snapshot: Snapshot }>,
  inTime: LakeTables['inTime'],
  asking: Asking,
): Promise<Map<string, Sizes>> {
  const known = new Map<string, Sizes>()
  for (const key of states.keys()) {
    const sizes = services.storageSizes.get(key)
    if (sizes) known.set(key, sizes)
  }
  const toRead = [...states].filter(([key]) => !known.has(key)).slice(-MAX_STATES)
  await inParallel(toRead, AT_A_TIME, async ([key, { table, snapshot }]) => {
    const read = await sizesOrNothing(
      inTime(table, (bounded) => liveSizes(services, table, snapshot, bounded)),
      asking,
    )
    if (read === null) return
    const sizes = pairedSizes(read.measured)
    known.set(key, sizes)
    // What is not known yet may be known by the next answer.
    if (read.unknownCount === 0) services.storageSizes.keep(key, sizes)
  })
  return known
}

/** Null where a past state cannot be read any more: that time is a gap in the line, and the present is not lost to it. */
async function sizesOrNothing(reading: Promise<TableSizes>, asking: Asking): Promise<TableSizes | null> {
  try {
    return await reading
  } catch (error) {
    if (asking.signal.aborted || !(error instanceof AppError)) throw error
    return null
  }
}

function sum(parts: readonly (number | null)[]): number | null {
  return parts.reduce<number | null>((total, part) => (total === null || part === null ? null : total + part), 0)
}
