import 'server-only'
import { netOfSums, sumTerms } from '@/lib/facts/term-sums'
import { codecOfPart, isRetained, type RetainedPart, type PartBytes } from '@/lib/facts/storage-part'
import { sum } from '@/lib/sum'
import type { Database } from '@/server/db/database'
import { readFactSums } from '@/server/db/facts/fact-sums'
import { type LiveSums, type PartSum, readPartDays, readParts } from '@/server/db/facts/storage/read-parts'
import { DAY_MS, toDay } from '@/server/db/facts/sum-tables'
import type { CountedTables } from '../counted-tables'
import { type DaySpan, levelsOf } from './day-levels'
import { addLive, addPages, NO_PAGES, storedBytesOf, sumLiveParts } from './live-bytes'

export type Retained = Record<RetainedPart, number>

/** The bytes of all tables at the times of the levels. */
export type LakeLevels = {
  live: LiveSums[]
  /** Null: no table has such a part. */
  retained: Retained[] | null
  /** Pages by codec; those with the most stored bytes at the end first. */
  codecs: { codec: string; levels: PartBytes[] }[]
}

const NOTHING_RETAINED: Retained = { history: 0, branches: 0, superseded: 0 }

/**
 * Reads what the tables are made of, and before they were measured how many bytes they had: these count as not read.
 *
 * @param unmeasuredBytes of tables that were not measured yet
 */
export async function readLakeLevels(
  database: Database,
  { tables, of }: Pick<CountedTables, 'tables' | 'of'>,
  span: DaySpan,
  { unmeasuredBytes }: { unmeasuredBytes: number },
): Promise<LakeLevels> {
  const [parts, days, totals] = await Promise.all([
    readParts(database, of),
    readPartDays(database, { of, fromDay: span.fromDay }),
    readTotals(database, { tables, of }, span),
  ])
  const levelsOfParts = (isOf: (one: PartSum) => boolean): LiveSums[] =>
    levelsOf(
      sumLiveParts(parts.filter(isOf)),
      days.filter(isOf).map((one) => ({ day: one.day, change: sumLiveParts([one]) })),
      span,
      addLive,
    )
  const live = levelsOfParts(() => true).map((level, index, { length }) => {
    const isNow = span.isNow && index === length - 1
    const missing = isNow ? unmeasuredBytes : Math.max(0, (totals[index] ?? 0) - storedBytesOf(level))
    return { ...level, unread: level.unread + missing }
  })
  const codecs = [...new Set([...parts, ...days].flatMap(({ part }) => codecOfPart(part) ?? []))]
    .map((codec) => ({
      codec,
      levels: levelsOfParts(({ part }) => codecOfPart(part) === codec).map(({ pages }) => pages),
    }))
    .filter(({ levels }) => levels.some(({ stored }) => stored > 0))
    .toSorted((a, b) => (b.levels.at(-1)?.stored ?? 0) - (a.levels.at(-1)?.stored ?? 0))
  const hasRetained = parts.some(({ part }) => isRetained(part))
  return { live, codecs, retained: hasRetained ? retainedLevels(parts, days, span) : null }
}

/** The bytes of all tables by their commits. */
async function readTotals(
  database: Database,
  { tables, of }: Pick<CountedTables, 'tables' | 'of'>,
  span: DaySpan,
): Promise<number[]> {
  const sums = await readFactSums(database, {
    of,
    fromMs: span.fromDay * DAY_MS,
    toMs: null,
    by: ['period'],
    grain: 'day',
  })
  return levelsOf(
    sum(tables.map(({ total }) => total.bytes)),
    [...Map.groupBy(sums, ({ periodStartMs }) => toDay(periodStartMs ?? 0))].map(([day, ofDay]) => ({
      day,
      change: netOfSums(sumTerms(ofDay.map(({ term, bytes }) => ({ term, amount: bytes })))),
    })),
    span,
    (a, b, sign) => a + sign * b,
  )
}

function retainedLevels(
  parts: readonly PartSum[],
  days: readonly (PartSum & { day: number })[],
  span: DaySpan,
): Retained[] {
  const toRetained = (sums: readonly PartSum[]): Retained => {
    const retained = { ...NOTHING_RETAINED }
    for (const { part, bytes } of sums) if (isRetained(part)) retained[part] += bytes.stored
    return retained
  }
  return levelsOf(
    toRetained(parts),
    days.map((one) => ({ day: one.day, change: toRetained([one]) })),
    span,
    (a, b, sign) => ({
      history: a.history + sign * b.history,
      branches: a.branches + sign * b.branches,
      superseded: a.superseded + sign * b.superseded,
    }),
  )
}

/** The pages of all codecs. */
export function sumPages(all: readonly PartBytes[]): PartBytes {
  return all.reduce((total, one) => addPages(total, one), NO_PAGES)
}
