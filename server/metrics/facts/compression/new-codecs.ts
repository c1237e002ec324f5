import 'server-only'
import { codecOfPart, type StoragePart } from '@/lib/facts/storage-part'
import type { Database } from '@/server/db/database'
import { readPartDaysOf } from '@/server/db/facts/storage/mixed-codecs'
import { readPartsOf } from '@/server/db/facts/storage/read-parts'
import type { DaySpan } from './day-levels'

/** A codec of which a table got its first pages on a day of UTC, and their bytes at its end. */
export type NewCodec = { tableId: number; day: number; codec: string; storedBytes: number }

/**
 * The codecs that tables got in addition to others. Of a table with files that were not read nothing is said: its codecs
 * may have been there before.
 */
export async function readNewCodecs(
  database: Database,
  tableIds: readonly number[],
  { fromDay, endDay }: DaySpan,
): Promise<NewCodec[]> {
  const [parts, days] = await Promise.all([
    readPartsOf(database, tableIds),
    readPartDaysOf(database, { tableIds, fromDay }),
  ])
  const partsOf = Map.groupBy(parts, ({ tableId }) => tableId)
  const daysOf = Map.groupBy(days, ({ tableId }) => tableId)
  return tableIds.flatMap((tableId) => {
    const changes = daysOf.get(tableId) ?? []
    const current = new Map((partsOf.get(tableId) ?? []).map(({ part, bytes }) => [part, bytes.stored]))
    const isWhole = !current.has('unread') && changes.every(({ part }) => part !== 'unread')
    if (!isWhole) return []
    // The levels at the beginning of the period, from which the days go on.
    const levels = new Map<StoragePart, number>(current)
    for (const { part, storedBytes } of changes) levels.set(part, (levels.get(part) ?? 0) - storedBytes)
    const found: NewCodec[] = []
    for (const [day, ofDay] of Map.groupBy(changes, (one) => one.day)) {
      const hadOthers = [...levels].some(([part, bytes]) => codecOfPart(part) !== null && bytes > 0)
      for (const { part, storedBytes } of ofDay) {
        const codec = codecOfPart(part)
        const before = levels.get(part) ?? 0
        if (codec !== null && hadOthers && before === 0 && storedBytes > 0 && day < endDay)
          found.push({ tableId, day, codec, storedBytes })
        levels.set(part, before + storedBytes)
      }
    }
    return found
  })
}
