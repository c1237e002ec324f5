import 'server-only'
import type { Home } from '@/lib/contract/home'
import { netOfSums, sumTerms } from '@/lib/facts/term-sums'
import { sum } from '@/lib/sum'
import type { Database } from '@/server/db/database'
import { type FactSum, readFactSums } from '@/server/db/facts/fact-sums'
import { readFactTablesById } from '@/server/db/facts/fact-tables'
import type { CountedScope } from './counted-tables'
import { COMMIT_TERMS } from './commit-terms'
import { type Inflow, readInflows } from './inflows'
import { chooseSeries, MAX_SERIES } from './ingestion-series'
import { type Span, stepIndex, stepStarts } from '../span'

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

/** The rows and bytes that came in during a span, by table, and how the last 24 hours changed the tables. */
export async function readHomeFlows(
  database: Database,
  counted: Pick<CountedScope, 'of'>,
  { span, nowMs }: { span: Span; nowMs: number },
): Promise<Pick<Home, 'day' | 'series' | 'buckets'>> {
  const [day, flows] = await Promise.all([readDay(database, counted, nowMs), readFlows(database, counted, span)])
  return { day, ...flows }
}

/** The last 24 whole hours, with the one that is not over. */
async function readDay(database: Database, { of }: Pick<CountedScope, 'of'>, nowMs: number): Promise<Home['day']> {
  const endMs = (Math.floor(nowMs / HOUR_MS) + 1) * HOUR_MS
  const readSums = (fromMs: number, toMs: number | null) =>
    readFactSums(database, { of, fromMs, toMs, by: ['operation'], grain: 'hour' })
  const [last, before] = await Promise.all([
    readSums(endMs - DAY_MS, null),
    readSums(endMs - 2 * DAY_MS, endMs - DAY_MS),
  ])
  const net = (measure: 'rows' | 'bytes') =>
    netOfSums(sumTerms(last.map((one) => ({ term: one.term, amount: one[measure] }))))
  return {
    commits: countCommits(last),
    commitsDayBefore: countCommits(before),
    rows: net('rows'),
    bytes: net('bytes'),
  }
}

function countCommits(sums: readonly FactSum[]): number {
  return sum(sums.map(({ term, operation, commits }) => (COMMIT_TERMS.includes(term) && operation ? commits : 0)))
}

async function readFlows(
  database: Database,
  { of }: Pick<CountedScope, 'of'>,
  span: Span,
): Promise<Pick<Home, 'series' | 'buckets'>> {
  const { totals, largest, tableCount, readTables } = await readInflows(database, of, span, MAX_SERIES)
  const ids = largest.map(({ tableId }) => tableId)
  const tables = await readFactTablesById(database, ids)
  // Both charts share their series and colours.
  const { series, indexOf } = chooseSeries(
    largest.map(({ tableId, share }) => ({ source: { tableId, operation: null, writerId: null }, amount: share })),
    {
      by: 'table',
      tables: new Map([...tables].map(([id, { table }]) => [id, table])),
      writers: new Map(),
      sourceCount: tableCount,
    },
  )
  const indexOfTable = (tableId: number) => indexOf({ tableId, operation: null, writerId: null })
  const named = await readTables(ids)
  const buckets = stepStarts(span).map((startMs) => ({
    startMs,
    rows: series.map(() => 0),
    bytes: series.map(() => 0),
  }))
  const addTo = (index: number, { atMs, rows, bytes }: Omit<Inflow, 'tableId'>) => {
    const bucket = buckets[stepIndex(span, atMs)]
    if (bucket === undefined || index >= series.length) return
    bucket.rows[index] = (bucket.rows[index] ?? 0) + rows
    bucket.bytes[index] = (bucket.bytes[index] ?? 0) + bytes
  }
  for (const inflow of named) addTo(indexOfTable(inflow.tableId), inflow)
  // The series of everything else has what the named ones leave of the sum.
  const other = series.findIndex(({ key }) => key === 'other')
  if (other >= 0) {
    for (const total of totals) addTo(other, total)
    for (const { atMs, rows, bytes } of named) addTo(other, { atMs, rows: 0 - rows, bytes: 0 - bytes })
  }
  return { series, buckets }
}
