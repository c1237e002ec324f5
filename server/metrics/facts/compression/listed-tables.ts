import 'server-only'
import type { Compression } from '@/lib/contract/dashboards'
import type { Database } from '@/server/db/database'
import type { FactTable } from '@/server/db/facts/fact-tables'
import {
  type LiveSums,
  readTableChanges,
  readTablePartDays,
  readTableParts,
} from '@/server/db/facts/storage/read-parts'
import type { TableStorage } from '@/server/db/facts/storage/read-storage'
import type { CountedTables } from '../counted-tables'
import { type DaySpan, levelsOf } from './day-levels'
import { addLive, dataBytesOf, isMostlyRead, NO_LIVE, ratioOf, storedBytesOf } from './live-bytes'

const MAX_LISTED = 50

/** A table with its bytes at the end of the period. */
export type TableLevel = { table: FactTable; live: LiveSums }

/** The bytes of each table at the end of a period. One that was not measured yet has only bytes that were not read. */
export async function readTableLevels(
  database: Database,
  { tables, of }: Pick<CountedTables, 'tables' | 'of'>,
  span: DaySpan,
  measured: ReadonlyMap<number, TableStorage>,
): Promise<TableLevel[]> {
  const [parts, changes] = await Promise.all([
    readTableParts(database, of),
    span.isNow ? [] : readTableChanges(database, { of, fromDay: span.endDay }),
  ])
  const now = new Map(parts.map(({ tableId, live }) => [tableId, live]))
  const later = new Map(changes.map(({ tableId, live }) => [tableId, live]))
  return tables.map((table) => ({
    table,
    live: measured.has(table.id)
      ? addLive(now.get(table.id) ?? NO_LIVE, later.get(table.id) ?? NO_LIVE, -1)
      : { ...NO_LIVE, unread: span.isNow && table.droppedAtMs === null ? table.total.bytes : 0 },
  }))
}

/**
 * The largest tables, and the sum of all others.
 *
 * @param lake all tables at the times of the levels
 */
export async function readListedTables(
  database: Database,
  tables: readonly TableLevel[],
  span: DaySpan,
  { lake, measured }: { lake: readonly LiveSums[]; measured: ReadonlyMap<number, TableStorage> },
): Promise<Pick<Compression, 'tables' | 'otherTables'>> {
  const present = tables.filter(({ live }) => storedBytesOf(live) > 0)
  const chosen = present.toSorted((a, b) => storedBytesOf(b.live) - storedBytesOf(a.live)).slice(0, MAX_LISTED)
  const days = await readTablePartDays(database, {
    tableIds: chosen.map(({ table }) => table.id),
    fromDay: span.fromDay,
  })
  const daysOf = Map.groupBy(days, ({ tableId }) => tableId)
  const end = lake.at(-1) ?? NO_LIVE
  const listed = chosen.map(({ table, live }) => ({
    table,
    sizes: toSizes(live, end),
    live,
    levels: levelsOf(
      live,
      (daysOf.get(table.id) ?? [])
        .filter(({ day }) => span.isNow || day < span.endDay)
        .map(({ day, live: change }) => ({ day, change })),
      span,
      addLive,
    ),
  }))
  const all = toSizes(end, end)
  const sumOf = (size: keyof typeof all) => listed.reduce((total, { sizes }) => total + sizes[size], 0)
  const others = lake.map((level, index) =>
    listed.reduce((rest, { levels }) => addLive(rest, levels[index] ?? NO_LIVE, -1), level),
  )
  return {
    tables: listed.map(({ table, sizes, live, levels }) => ({
      table: table.table,
      codec: measured.get(table.id)?.codec ?? null,
      ...sizes,
      isEstimated: measured.get(table.id)?.isEstimated ?? false,
      unreadBytes: live.unread,
      ratios: levels.map(ratioOf),
    })),
    otherTables: {
      tableCount: present.length - listed.length,
      plainBytes: all.plainBytes - sumOf('plainBytes'),
      encodedBytes: all.encodedBytes - sumOf('encodedBytes'),
      storedBytes: all.storedBytes - sumOf('storedBytes'),
      ratios: others.map(ratioOf),
    },
  }
}

/** Files that were not read are taken for files like all others of the lake, so that tables add up to it. */
function toSizes(live: LiveSums, lake: LiveSums) {
  const project = (size: 'plain' | 'encoded') => {
    const ofUnread = isMostlyRead(lake) ? (live.unread * lake.pages[size]) / (dataBytesOf(lake) - lake.unread) : 0
    return Math.round(live.pages[size] + ofUnread)
  }
  return { plainBytes: project('plain'), encodedBytes: project('encoded'), storedBytes: storedBytesOf(live) }
}
