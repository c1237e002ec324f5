import 'server-only'
import { type AnyColumn, type InsertObject, sql } from 'kysely'
import { type Amounts, addAmounts, isZero, ZERO } from '@/lib/facts/amounts'
import { type Term, TERMS, toTerms } from '@/lib/facts/terms'
import type { Change } from '../database'
import { change } from '../statement'
import type { Tables } from '../tables'
import { NO_WRITER, toWriterId, withoutApplication, type WrittenFact } from './fact-writers'
import { inBatches } from './in-batches'
import { toDay, toHour, toMonth } from './sum-tables'

/** The sums to which the rows of a history are added in the transaction that stores them. */

const TABLE_KEY = ['table_id', 'period', 'term', 'operation', 'writer_id'] as const
const LAKE_KEY = ['period', 'catalog', 'term', 'operation', 'writer_id'] as const
const MONTH_KEY = ['period', 'table_id', 'term', 'operation'] as const

export function addedSumChanges(
  { id, catalog }: { id: number; catalog: string },
  rows: readonly WrittenFact[],
): Change[] {
  const parts = rows.flatMap(toParts)
  const hours = sumParts(parts, ({ atMs, key }) => ({ table_id: id, period: toHour(atMs), ...key }))
  const days = sumParts(parts, ({ atMs, key }) => ({ table_id: id, period: toDay(atMs), ...key }))
  const months = sumParts(parts, ({ atMs, key: { term, operation } }) => ({
    period: toMonth(atMs),
    table_id: id,
    term,
    operation,
  }))
  const lakeHours = sumParts(parts, ({ atMs, key }) => ({ period: toHour(atMs), catalog, ...key }))
  const lakeDays = sumParts(parts, ({ atMs, key }) => ({ period: toDay(atMs), catalog, ...key }))
  return [
    ...toChanges('fact_hours', TABLE_KEY, hours),
    ...toChanges('fact_days', TABLE_KEY, days),
    ...toChanges('fact_months', MONTH_KEY, months),
    ...toChanges('fact_lake_hours', LAKE_KEY, lakeHours),
    ...toChanges('fact_lake_days', LAKE_KEY, lakeDays),
  ]
}

type SumTable = 'fact_hours' | 'fact_days' | 'fact_months' | 'fact_lake_hours' | 'fact_lake_days'

function toChanges(
  name: SumTable,
  key: readonly AnyColumn<Tables, SumTable>[],
  sums: readonly InsertObject<Tables, SumTable>[],
): Change[] {
  return inBatches(sums, (values) =>
    change(({ db }) =>
      db
        .insertInto(name)
        .values(values)
        .onConflict((conflict) => conflict.columns(key).doUpdateSet(addedTo(name))),
    ),
  )
}

/** The part of a fact that one term has. */
type Part = {
  atMs: number
  key: Pick<Tables['fact_days'], 'term' | 'operation' | 'writer_id'>
  commits: number
  amounts: Amounts
}

/** Terms without an amount are left out. */
function toParts(row: WrittenFact): Part[] {
  const terms = toTerms(row)
  const used = TERMS.filter((term) => !isZero(terms[term] ?? ZERO))
  const isCommit = row.kind === 'commit'
  // A commit counts once, and also when it changed no amount.
  const counted: Term = used[0] ?? 'came-in'
  const parts = isCommit && used.length === 0 ? [counted] : used
  return parts.map((term) => ({
    atMs: row.atMs,
    key: {
      term,
      operation: row.operation ?? '',
      writer_id: row.committedBy === null ? NO_WRITER : toWriterId(withoutApplication(row.committedBy)),
    },
    commits: isCommit && term !== counted ? 0 : 1,
    amounts: terms[term] ?? ZERO,
  }))
}

type SumColumns = Pick<Tables['fact_days'], 'commits' | 'rows' | 'files' | 'bytes'>

/** In the order of their keys: transactions that lock the same rows in one order do not wait for each other in a circle. */
function sumParts<Key extends object>(parts: readonly Part[], toKey: (part: Part) => Key): (Key & SumColumns)[] {
  const sums = new Map<string, { key: Key; commits: number; amounts: Amounts }>()
  for (const part of parts) {
    const key = toKey(part)
    const id = JSON.stringify(Object.values(key))
    const sum = sums.get(id) ?? { key, commits: 0, amounts: ZERO }
    sums.set(id, { key, commits: sum.commits + part.commits, amounts: addAmounts(sum.amounts, part.amounts) })
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([
        ,
        {
          key,
          commits,
          amounts: { rows, files, bytes },
        },
      ]) => ({ ...key, commits, rows, files, bytes }),
    )
}

/** The stored sums with those of the statement. */
function addedTo(name: SumTable): Record<keyof SumColumns, ReturnType<typeof addedColumn>> {
  return {
    commits: addedColumn(name, 'commits'),
    rows: addedColumn(name, 'rows'),
    files: addedColumn(name, 'files'),
    bytes: addedColumn(name, 'bytes'),
  }
}

function addedColumn(name: SumTable, column: keyof SumColumns) {
  return sql<number>`${sql.ref(`${name}.${column}`)} + ${sql.ref(`excluded.${column}`)}`
}
