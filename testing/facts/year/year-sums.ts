import type { FactSum } from '@/server/db/facts/fact-sums'
import type { TableOfRows } from './table-of-rows'
import { DAY_MS } from './year-steps'

/** Sums of rows by term, of the history and of the model, in one form. */

export type Range = { fromMs: number; toMs: number }

/** The rows of each term of each day, without those that are zero. */
export function rowsByPeriod(sums: readonly FactSum[]): Record<string, number> {
  return toSorted(sums.map(({ periodStartMs, term, rows }) => [`${toTime(periodStartMs ?? 0)} ${term}`, rows]))
}

export function rowsByTerm(sums: readonly FactSum[]): Record<string, number> {
  return toSorted(sums.map(({ term, rows }) => [term, rows]))
}

export function modelByPeriod(of: readonly TableOfRows[], { withDrops = true } = {}): Record<string, number> {
  return toSorted(
    of.flatMap(({ terms }) =>
      terms
        .filter(({ ofDrop }) => withDrops || !ofDrop)
        .map(({ atMs, term, rows }) => [`${toTime(Math.floor(atMs / DAY_MS) * DAY_MS)} ${term}`, rows] as const),
    ),
  )
}

export function modelByTerm(of: readonly TableOfRows[], { fromMs, toMs }: Range): Record<string, number> {
  const within = of.flatMap(({ terms }) => terms).filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  return toSorted(within.map(({ term, rows }) => [term, rows]))
}

export function modelTotal({ totals }: TableOfRows, toMs: number): number {
  return totals.findLast(({ atMs }) => atMs < toMs)?.rows ?? 0
}

export function withoutZeros(terms: Readonly<Record<string, number>>): Record<string, number> {
  return toSorted(Object.entries(terms))
}

/** Sums by key, in their order, without those that are zero. */
function toSorted(amounts: readonly (readonly [key: string, amount: number])[]): Record<string, number> {
  const sums = new Map<string, number>()
  for (const [key, amount] of amounts) sums.set(key, (sums.get(key) ?? 0) + amount)
  return Object.fromEntries([...sums].filter(([, amount]) => amount !== 0).sort(([a], [b]) => (a < b ? -1 : 1)))
}

export function toTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 13)
}
