import 'server-only'
import type { Home } from '@/lib/contract/home'
import { sum } from '@/lib/sum'
import type { Database } from '@/server/db/database'
import { type LiveSums, readTableParts } from '@/server/db/facts/storage/read-parts'
import { readTableStorage } from '@/server/db/facts/storage/read-storage'
import { addLive, isMostlyRead, NO_LIVE, projectPages, storedBytesOf } from './compression/live-bytes'
import type { CountedTables } from './counted-tables'

type TableRatio = Pick<Home['tables'][number], 'plainBytes' | 'storedBytes' | 'isEstimated'>

/** The plain and stored sizes of the live files of tables: of all, and of each by its history. */
export type LakeRatio = Pick<Home, 'ratio' | 'files'> & { ofTable: (id: number) => TableRatio }

/** The sizes of the Compression page, where the footers of most bytes were read. */
export async function readRatio(
  database: Database,
  { tables, of }: Pick<CountedTables, 'tables' | 'of'>,
): Promise<LakeRatio> {
  const [parts, measured] = await Promise.all([readTableParts(database, of), readTableStorage(database, of)])
  const liveOf = new Map(parts.map(({ tableId, live }) => [tableId, live]))
  const storageOf = new Map(measured.map((one) => [one.tableId, one]))
  const counted = tables.filter(({ droppedAtMs }) => droppedAtMs === null)
  const lake = counted.reduce(
    (live, { id, total }) => addLive(live, liveOf.get(id) ?? { ...NO_LIVE, unread: Math.max(total.bytes, 0) }),
    NO_LIVE,
  )
  const isEstimated = (id: number) => storageOf.get(id)?.isEstimated ?? false
  const { plainBytes, storedBytes } = toSizes(lake)
  const isAllRead = lake.unread === 0
  return {
    ratio:
      plainBytes === null
        ? null
        : { plainBytes, storedBytes, isEstimated: !isAllRead || counted.some(({ id }) => isEstimated(id)) },
    files: {
      measuredCount: sum(counted.map(({ id }) => storageOf.get(id)?.readFiles ?? 0)),
      fileCount: sum(counted.map(({ id, total }) => storageOf.get(id)?.dataFiles ?? Math.max(total.files, 0))),
    },
    ofTable: (id) => ({ ...toSizes(liveOf.get(id) ?? NO_LIVE), isEstimated: isEstimated(id) }),
  }
}

/** Plain bytes are null where too few files were read. */
function toSizes(live: LiveSums): Omit<TableRatio, 'isEstimated'> {
  const storedBytes = storedBytesOf(live)
  return { plainBytes: isMostlyRead(live) && live.pages.plain > 0 ? projectPages(live).plain : null, storedBytes }
}
