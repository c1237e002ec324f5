import 'server-only'
import type { Ingestion } from '@/lib/contract/dashboards'
import { netOfSums, sumTerms, type TermSums } from '@/lib/facts/term-sums'
import { type Term, TERMS } from '@/lib/facts/terms'
import { entryLabel } from '@/lib/names/identifiers'
import { sum } from '@/lib/sum'
import type { Database } from '@/server/db/database'
import { type FactSum, readFactSums } from '@/server/db/facts/fact-sums'
import { type FactTable, readFactTablesById } from '@/server/db/facts/fact-tables'
import { readFactNames } from '@/server/db/facts/sums/scope-tables'
import type { SumScope } from '@/server/db/facts/is-in-scope'
import { type MovedTables, type MovedTablesQuery, readMovedTables } from '@/server/db/facts/sums/moved-tables'
import { COMMIT_TERMS } from './commit-terms'
import { MAX_SERIES } from './ingestion-series'

/** The tables of the ingestion dashboard. */

const MAX_LISTED_TABLES = 50

/** A table at the end of a period, and the terms that led there. */
export type TableFlow = Pick<FactTable, 'id' | 'table' | 'droppedAtMs'> & {
  terms: TermSums
  storedBytes: number
}

type ListedFlows = Pick<MovedTables, 'charted' | 'tableCount' | 'chartedCount'> & {
  /** Those that moved most, of the tables whose names have the text. */
  listed: TableFlow[]
}

/**
 * The tables of a period with the largest changes. A table that was dropped before has nothing to show.
 *
 * @param charts what a chart by table counts; null: there is none
 * @param match part of the names of the listed tables
 * @param hasLater whether there are facts after the period
 */
export async function readListedFlows(
  database: Database,
  {
    charts,
    match = '',
    hasLater,
    ...query
  }: Pick<MovedTablesQuery, 'of' | 'fromMs' | 'measure'> & {
    toMs: number
    charts: 'came-in' | 'commits' | null
    match: string | undefined
    hasLater: boolean
  },
): Promise<ListedFlows> {
  const read = (of: SumScope, limits: MovedTablesQuery['limits']) =>
    readMovedTables(database, {
      ...query,
      of,
      charts: charts === 'commits' ? { commitsOf: COMMIT_TERMS } : 'came-in',
      limits,
    })
  const text = match.trim().toLowerCase()
  const chartedLimit = charts === null ? 0 : MAX_SERIES
  const all = await read(query.of, { moved: MAX_LISTED_TABLES, charted: chartedLimit })
  const { moved } =
    text === '' ? all : await read(await findTables(database, query.of, text), { moved: MAX_LISTED_TABLES, charted: 0 })
  const ids = moved.map(({ id }) => id)
  const [tables, later] = await Promise.all([
    readFactTablesById(database, ids),
    hasLater
      ? readFactSums(database, { of: { tableIds: ids }, fromMs: query.toMs, toMs: null, by: ['table'], grain: 'day' })
      : [],
  ])
  const laterOf = Map.groupBy(later, ({ tableId }) => tableId)
  const listed = moved.flatMap(({ id, terms }) => {
    const found = tables.get(id)
    if (found === undefined) return []
    const netLater = netOfSums(sumTerms((laterOf.get(id) ?? []).map((one) => toTerm(one, 'bytes'))))
    const { table, droppedAtMs, total } = found
    return [{ id, table, droppedAtMs, terms, storedBytes: total.bytes - netLater }]
  })
  return { ...all, listed }
}

/** The tables whose names have the text, in any case. */
async function findTables(database: Database, of: SumScope, text: string): Promise<SumScope> {
  const names = await readFactNames(database, of)
  return { tableIds: names.flatMap(({ id, table }) => (entryLabel(table).toLowerCase().includes(text) ? [id] : [])) }
}

/** Lists tables, those first that got most, and what all others have together. */
export function listTables(
  listed: readonly TableFlow[],
  {
    all,
    previous,
    medianFileBytes,
    sinceMs,
  }: {
    all: { terms: TermSums; storedBytes: number; tableCount: number }
    previous: { ofListed: ReadonlyMap<number, number>; ofAll: number }
    medianFileBytes: ReadonlyMap<number, number | null>
    /** For tables that are younger than the period before. */
    sinceMs: ReadonlyMap<number, number>
  },
): Pick<Ingestion, 'tables' | 'others'> {
  const restOf = (term: Term) => all.terms[term] - sum(listed.map(({ terms }) => terms[term]))
  return {
    tables: listed
      .toSorted((a, b) => b.terms['came-in'] - a.terms['came-in'])
      .map(({ id, ...flow }) => ({
        ...flow,
        previousCameIn: previous.ofListed.get(id) ?? 0,
        sinceMs: sinceMs.get(id) ?? null,
        medianFileBytes: medianFileBytes.get(id) ?? null,
      })),
    others: {
      terms: sumTerms(TERMS.map((term) => ({ term, amount: restOf(term) }))),
      storedBytes: all.storedBytes - sum(listed.map(({ storedBytes }) => storedBytes)),
      previousCameIn: previous.ofAll - sum([...previous.ofListed.values()]),
      tableCount: all.tableCount - listed.length,
    },
  }
}

/** Sums what came in, by table. */
export function sumCameIn(sums: readonly FactSum[], measure: 'rows' | 'files' | 'bytes'): Map<number, number> {
  const cameIn = new Map<number, number>()
  for (const one of sums) {
    if (one.term === 'came-in') cameIn.set(one.tableId ?? 0, (cameIn.get(one.tableId ?? 0) ?? 0) + one[measure])
  }
  return cameIn
}

/** A sum as a term of the equation. */
export function toTerm(one: FactSum, measure: 'rows' | 'files' | 'bytes'): { term: Term; amount: number } {
  return { term: one.term, amount: one[measure] }
}
