import type { Ingestion } from '@/lib/contract/dashboards'
import { addTermSums, netOfSums, NO_SUMS, type TermSums } from '@/lib/facts/term-sums'

const DAY_MS = 86_400_000
export const FIRST_DAY_MS = Date.UTC(2026, 10, 8)
export const dayMs = (day: number, hours = 0) => FIRST_DAY_MS + day * DAY_MS + hours * 3_600_000

export const sums = (terms: Partial<TermSums>): TermSums => ({ ...NO_SUMS, ...terms })

/** Days of one series, whose totals and tables follow from them. The tables begin with `start` rows. */
export function sampleIngestion({
  days,
  start = 0,
  ...rest
}: { days: readonly Partial<TermSums>[]; start?: number } & Partial<Ingestion>): Ingestion {
  const terms = days.map(sums).reduce(addTermSums, NO_SUMS)
  const table = { catalog: 'local', namespace: ['sales'], table: 'orders' }
  return {
    badges: [],
    readAtMs: dayMs(days.length),
    tableCount: 1,
    check: null,
    behind: [],
    completeAtMs: dayMs(days.length),
    span: { fromMs: FIRST_DAY_MS, toMs: dayMs(days.length) },
    previousSpan: { fromMs: dayMs(-days.length), toMs: FIRST_DAY_MS },
    grain: 'hour',
    equation: { start, terms, end: start + netOfSums(terms) },
    previousTerms: NO_SUMS,
    freedBytes: 0,
    previousFreedBytes: 0,
    files: { steps: [], stepDays: 1, commits: 0, smallCommits: 0, smallBytes: 1, target: null },
    takenBackCommits: 0,
    previousTakenBackCommits: 0,
    series: [{ key: 'spark', label: 'spark', table: null }],
    buckets: days.map((day, index) => ({
      startMs: dayMs(index),
      endMs: dayMs(index + 1),
      cameIn: [day['came-in'] ?? 0],
      takenBackLater: [0],
      terms: sums(day),
      previousCameIn: 0,
    })),
    hasPartitions: false,
    partitions: null,
    returns: [],
    events: [],
    tables: [
      { table, droppedAtMs: null, terms, previousCameIn: 0, sinceMs: null, storedBytes: 0, medianFileBytes: null },
    ],
    others: { terms: NO_SUMS, previousCameIn: 0, storedBytes: 0, tableCount: 0 },
    storedBytes: 0,
    previousCameIn: 0,
    newest: [],
    ...rest,
  }
}
