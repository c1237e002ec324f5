import 'server-only'
import type { Ingestion } from '@/lib/contract/dashboards'
import { sizeAtShare, toSizeBucket } from '@/lib/facts/file-size'
import { sum } from '@/lib/sum'
import type { Database } from '@/server/db/database'
import type { SumScope } from '@/server/db/facts/is-in-scope'
import { readSizesByDay, readSizesByTable } from '@/server/db/facts/size-sums'
import { readTargetSizes } from '@/server/db/facts/storage/target-sizes'
import { DAY_MS } from '@/server/db/facts/sum-tables'

/** How large the files of a period are that commits brought. */

/** Files below this size cost more to open than to read. */
const SMALL_BYTES = 32 * 1024 * 1024
/** More days are summed by week. */
const MAX_DAYS = 120
const WEEK_DAYS = 7

type Range = { fromMs: number; toMs: number }

export async function readFileSizes(database: Database, of: SumScope, range: Range): Promise<Ingestion['files']> {
  const [days, targets] = await Promise.all([readSizesByDay(database, { of, ...range }), readTargetSizes(database, of)])
  const dayCount = (range.toMs - range.fromMs) / DAY_MS
  const stepDays = dayCount > MAX_DAYS ? WEEK_DAYS : 1
  const firstDay = Math.floor(range.fromMs / DAY_MS)
  const stepOf = (period: number) => Math.floor((period - firstDay) / stepDays)
  const steps = Map.groupBy(days, ({ period }) => stepOf(period))
  const small = days.filter(({ bucket }) => bucket < toSizeBucket(SMALL_BYTES))
  return {
    steps: [...steps].map(([step, counts]) => ({
      startMs: (firstDay + step * stepDays) * DAY_MS,
      tenthBytes: sizeAtShare(counts, 0.1) ?? 0,
      medianBytes: sizeAtShare(counts, 0.5) ?? 0,
      ninetiethBytes: sizeAtShare(counts, 0.9) ?? 0,
    })),
    stepDays,
    commits: sum(days.map(({ commits }) => commits)),
    smallCommits: sum(small.map(({ commits }) => commits)),
    smallBytes: SMALL_BYTES,
    target: targets,
  }
}

/** The median size of the files that each of some tables got, by its history. */
export async function readMedianSizes(
  database: Database,
  tableIds: readonly number[],
  range: Range,
): Promise<Map<number, number | null>> {
  const counts = await readSizesByTable(database, { of: { tableIds }, ...range })
  return new Map(
    [...Map.groupBy(counts, ({ tableId }) => tableId)].map(([id, ofTable]) => [id, sizeAtShare(ofTable, 0.5)]),
  )
}
