import 'server-only'
import type { Ingestion } from '@/lib/contract/dashboards'
import { netOfSums, sumTerms, type TermSums } from '@/lib/facts/term-sums'
import { type Term, TERMS } from '@/lib/facts/terms'
import { entryLabel } from '@/lib/names/identifiers'
import { sum } from '@/lib/sum'
import type { FactSum } from '@/server/db/facts/fact-sums'
import type { FactTable } from '@/server/db/facts/fact-tables'

/** The tables of the ingestion dashboard. */

const MAX_LISTED_TABLES = 50

/** A table at the end of a period, and the terms that led there. */
export type TableFlow = Pick<FactTable, 'id' | 'table' | 'droppedAtMs'> & {
  terms: TermSums
  storedBytes: number
  end: number
}

export function toTableFlows(
  tables: readonly FactTable[],
  {
    byTable,
    after,
    measure,
  }: {
    byTable: readonly FactSum[]
    after: readonly FactSum[]
    measure: 'rows' | 'files' | 'bytes'
  },
): TableFlow[] {
  const [current, later] = [byTable, after].map((sums) => Map.groupBy(sums, ({ tableId }) => tableId))
  const termsIn = (sums: typeof current, id: number, of: typeof measure) =>
    sumTerms((sums?.get(id) ?? []).map((one) => toTerm(one, of)))
  return tables.map(({ id, table, droppedAtMs, total }) => ({
    id,
    table,
    droppedAtMs,
    terms: termsIn(current, id, measure),
    storedBytes: total.bytes - netOfSums(termsIn(later, id, 'bytes')),
    end: total[measure] - netOfSums(termsIn(later, id, measure)),
  }))
}

export function addFlows(flows: readonly TableFlow[]): Omit<TableFlow, 'id' | 'table' | 'droppedAtMs'> {
  return {
    terms: sumTerms(flows.flatMap(({ terms }) => TERMS.map((term) => ({ term, amount: terms[term] })))),
    storedBytes: sum(flows.map(({ storedBytes }) => storedBytes)),
    end: sum(flows.map(({ end }) => end)),
  }
}

/** A table that was dropped before the period has nothing to show. */
function isShown(flow: TableFlow): boolean {
  return flow.droppedAtMs === null || movementOf(flow) > 0
}

function movementOf({ terms }: TableFlow): number {
  return sum(Object.values(terms).map(Math.abs))
}

/** The tables that moved most, of those whose names have the text. */
export function chooseListed(flows: readonly TableFlow[], match = ''): TableFlow[] {
  const text = match.trim().toLowerCase()
  return flows
    .filter((flow) => isShown(flow) && entryLabel(flow.table).toLowerCase().includes(text))
    .map((flow) => ({ flow, movement: movementOf(flow) }))
    .toSorted((a, b) => b.movement - a.movement || b.flow.storedBytes - a.flow.storedBytes)
    .slice(0, MAX_LISTED_TABLES)
    .map(({ flow }) => flow)
}

/** Lists tables, those first that got most, and sums up the others. */
export function listTables(
  flows: readonly TableFlow[],
  listed: readonly TableFlow[],
  {
    previous,
    medianFileBytes,
  }: {
    previous: { ofListed: ReadonlyMap<number, number>; ofAll: number }
    medianFileBytes: ReadonlyMap<number, number | null>
  },
): Pick<Ingestion, 'tables' | 'others'> {
  const isListed = new Set(listed)
  const { end: _end, ...rest } = addFlows(flows.filter((flow) => !isListed.has(flow)))
  return {
    tables: listed
      .toSorted((a, b) => b.terms['came-in'] - a.terms['came-in'])
      .map(({ id, end: _ignored, ...flow }) => ({
        ...flow,
        previousCameIn: previous.ofListed.get(id) ?? 0,
        medianFileBytes: medianFileBytes.get(id) ?? null,
      })),
    others: {
      ...rest,
      previousCameIn: previous.ofAll - sum([...previous.ofListed.values()]),
      tableCount: flows.filter(isShown).length - listed.length,
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
