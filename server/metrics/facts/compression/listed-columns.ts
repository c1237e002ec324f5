import 'server-only'
import type { Compression } from '@/lib/contract/dashboards'
import type { PartBytes } from '@/lib/facts/storage-part'
import type { Database } from '@/server/db/database'
import { type ColumnKey, readColumnDays, readLargestColumns } from '@/server/db/facts/storage/read-columns'
import type { CountedTables } from '../counted-tables'
import { type DaySpan, levelsOf } from './day-levels'
import { addPages, ratioOfPages } from './live-bytes'
import { sumPages } from './lake-levels'

const MAX_LISTED = 50

/**
 * The largest columns, and the sum of all others.
 *
 * @param pages those of all columns at the times of the levels
 */
export async function readListedColumns(
  database: Database,
  { tables, of }: Pick<CountedTables, 'tables' | 'of'>,
  span: DaySpan,
  { pages, columnCount }: { pages: readonly PartBytes[]; columnCount: number },
): Promise<Pick<Compression, 'columns' | 'otherColumns'>> {
  const columns = await readLargestColumns(database, { of, limit: MAX_LISTED })
  const days = await readColumnDays(database, { columns, fromDay: span.fromDay })
  const keyOf = ({ tableId, fieldId }: ColumnKey) => `${tableId} ${fieldId}`
  const daysOf = Map.groupBy(days, keyOf)
  const known = new Map(tables.map(({ id, table }) => [id, table]))
  const listed = columns.flatMap((column) => {
    const table = known.get(column.tableId)
    if (table === undefined) return []
    const levels = levelsOf(
      column.bytes,
      (daysOf.get(keyOf(column)) ?? []).map(({ day, bytes }) => ({ day, change: bytes })),
      span,
      addPages,
    )
    return [{ column, table, levels }]
  })
  const others = pages.map((all, index) =>
    addPages(all, sumPages(listed.flatMap(({ levels }) => levels[index] ?? [])), -1),
  )
  return {
    columns: listed
      .map(({ column, table, levels }) => ({
        table,
        column: column.name,
        type: column.type,
        codecs: column.codecs.map(({ codec }) => codec),
        ...toPageSizes(levels.at(-1)),
        isEstimated: column.isEstimated,
        ratios: levels.map(ratioOfPages),
      }))
      .toSorted((a, b) => b.storedBytes - a.storedBytes),
    otherColumns: {
      columnCount: Math.max(0, columnCount - listed.length),
      ...toPageSizes(others.at(-1)),
      ratios: others.map(ratioOfPages),
    },
  }
}

export function toPageSizes({ plain, encoded, stored }: PartBytes = { plain: 0, encoded: 0, stored: 0 }) {
  return { plainBytes: plain, encodedBytes: encoded, storedBytes: stored }
}
