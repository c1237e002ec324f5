import 'server-only'
import type { Home } from '@/lib/contract/home'
import type { Database } from '@/server/db/database'
import type { FactTable } from '@/server/db/facts/fact-tables'
import type { SumScope } from '@/server/db/facts/is-in-scope'
import { type LiveSums, readParts, readTableParts } from '@/server/db/facts/storage/read-parts'
import { readTableStorage, sumTableStorage } from '@/server/db/facts/storage/read-storage'
import { isMostlyRead, NO_LIVE, projectPages, storedBytesOf, sumLiveParts } from './compression/live-bytes'

type TableRatio = Pick<Home['tables'][number], 'plainBytes' | 'storedBytes' | 'isEstimated'>

/** The plain and stored sizes of the live files of tables, as the Compression page has them. */
export async function readRatio(database: Database, of: SumScope): Promise<Pick<Home, 'ratio' | 'files'>> {
  const [parts, measured] = await Promise.all([readParts(database, of), sumTableStorage(database, of)])
  const { unmeasuredBytes, isEstimated, ...files } = measured
  const live = sumLiveParts(parts)
  const lake = { ...live, unread: live.unread + unmeasuredBytes }
  const { plainBytes, storedBytes } = toSizes(lake)
  return {
    ratio: plainBytes === null ? null : { plainBytes, storedBytes, isEstimated: isEstimated || lake.unread > 0 },
    files,
  }
}

/** The same of single tables, by their histories. */
export async function readTableRatios(
  database: Database,
  tables: readonly FactTable[],
): Promise<ReadonlyMap<number, TableRatio>> {
  const of = { tableIds: tables.map(({ id }) => id) }
  const [parts, measured] = await Promise.all([readTableParts(database, of), readTableStorage(database, of)])
  const liveOf = new Map(parts.map(({ tableId, live }) => [tableId, live]))
  const estimated = new Set(measured.filter(({ isEstimated }) => isEstimated).map(({ tableId }) => tableId))
  return new Map(
    of.tableIds.map((id) => [id, { ...toSizes(liveOf.get(id) ?? NO_LIVE), isEstimated: estimated.has(id) }]),
  )
}

/** Plain bytes are null where too few files were read. */
function toSizes(live: LiveSums): Omit<TableRatio, 'isEstimated'> {
  const storedBytes = storedBytesOf(live)
  return { plainBytes: isMostlyRead(live) && live.pages.plain > 0 ? projectPages(live).plain : null, storedBytes }
}
