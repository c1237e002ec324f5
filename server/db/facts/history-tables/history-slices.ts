import 'server-only'
import { setImmediate } from 'node:timers/promises'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { HistoryOrder, HistoryTableName } from '@/lib/facts/history-table-names'
import type { BoundPredicate } from '@/lib/scan/predicate/predicate'
import type { Database } from '../../database'
import { clock } from '@/server/timing/clock'
import { type Dialect, query } from '../../statement'
import { columnOf, predicateToCondition, weakenPredicate } from './condition-sql'
import type { StoredValue } from './history-column'
import type { HistoryOwner } from './history-owners'
import { HISTORY_TABLES } from './history-tables'

/**
 * Stored rows of a history, by parts in their order. However few rows pass a filter, one statement reads only one part,
 * because SQLite answers on the thread of the server.
 */

export type HistorySelection = {
  name: HistoryTableName
  /** The tables whose rows may be read: no row of another one is, or is counted. */
  owners: readonly HistoryOwner[]
  /** Whether these are most of all tables: then others are passed over while rows are read, and not sought around. */
  areMost: boolean
  predicate: BoundPredicate
  /** For tests. */
  sizes?: SliceSizes
}

/** Where a page of rows ended: the values of the key of its last row. */
export type HistoryPosition = readonly (string | number)[]

export type Slice = {
  /** The key of the last stored row; null in the last slice. */
  end: HistoryPosition | null
  isDescending: boolean
  /** Which stored rows are in it, of the tables that may be read. */
  where: (dialect: Dialect) => RawBuilder<SqlBool>
}

export type SliceSizes = {
  /** Stored rows in a slice. */
  rows: number
  /** Tables with so few facts are read at once, and not sought among all facts of a time. */
  fewFacts: number
}
export const SLICE_SIZES: SliceSizes = { rows: 50_000, fewFacts: 200_000 }

/** @param options.timeoutMs no further slice begins after this time */
export async function* readSlices(
  database: Database,
  selection: HistorySelection,
  { order, after: first, timeoutMs }: { order: HistoryOrder; after: HistoryPosition | null; timeoutMs: number },
): AsyncGenerator<Slice, void> {
  const { isByTime, key } = HISTORY_TABLES[selection.name]
  const { fewFacts } = selection.sizes ?? SLICE_SIZES
  const isDescending = isByTime && order !== 'oldest-first'
  const startedAt = clock.elapsedMs()
  for (let after = first; ; ) {
    // Otherwise rows are in the order of the tables' numbers.
    const firstId = isByTime || after === null ? 0 : Number(after[0])
    const remaining = selection.owners.filter(({ id }) => id >= firstId)
    if (remaining.length === 0) return
    const isWhole = isByTime && remaining.reduce((sum, { factCount }) => sum + factCount, 0) <= fewFacts
    const begin = after
    const found = isWhole ? null : await findSliceEnd(database, selection, { remaining, after: begin, isDescending })
    // Beyond the last of these tables are only rows of others.
    const isLast = found === null || (!isByTime && Number(found[0]) > (remaining.at(-1)?.id ?? 0))
    const end = isLast ? null : found
    const lastId = isByTime || end === null ? Number.POSITIVE_INFINITY : Number(end[0])
    const owners = remaining.filter(({ id }) => id <= lastId)
    yield {
      end,
      isDescending,
      where: (dialect) =>
        sql<SqlBool>`${isOfOwner(dialect, owners, isByTime && !isWhole)} and ${timeCondition(selection)}
          and ${beyond(key, begin, isDescending)} and ${until(key, end, isDescending)}`,
    }
    if (end === null || clock.elapsedMs() - startedAt > timeoutMs) return
    await setImmediate()
    after = end
  }
}

async function findSliceEnd(
  database: Database,
  selection: HistorySelection,
  {
    remaining,
    after,
    isDescending,
  }: { remaining: readonly HistoryOwner[]; after: HistoryPosition | null; isDescending: boolean },
): Promise<HistoryPosition | null> {
  const { key, stored, isByTime } = HISTORY_TABLES[selection.name]
  const [row] = await database.read(
    query<Record<string, StoredValue>>((dialect) => {
      const keys = key.map((expression, i) => sql`${expression} as ${sql.ref(`k${i}`)}`)
      const direction = isDescending ? sql`desc` : sql`asc`
      const isRemaining = isByTime || selection.areMost ? sql<SqlBool>`1 = 1` : isOfOwner(dialect, remaining, false)
      const statement = sql<Record<string, StoredValue>>`select ${sql.join(keys)} from ${stored}
        where ${isRemaining} and ${timeCondition(selection)} and ${beyond(key, after, isDescending)}
        order by ${sql.join(key.map((expression) => sql`${expression} ${direction}`))}
        limit 1 offset ${sql.lit((selection.sizes ?? SLICE_SIZES).rows)}`
      return { compile: () => statement.compile(dialect.db) }
    }),
  )
  return row ? key.map((_, i) => row[`k${i}`] ?? '') : null
}

/** The ids are one parameter. By time, the index of tables is not used. */
function isOfOwner(dialect: Dialect, owners: readonly HistoryOwner[], isByTime: boolean): RawBuilder<SqlBool> {
  const ids = dialect.rowsOfTexts(owners.map(({ id }) => [String(id), null, null]))
  const tableId = isByTime ? sql`r.table_id + 0` : sql`r.table_id`
  return sql<SqlBool>`${tableId} in (select cast(sought.a as bigint) from ${ids})`
}

/** The part of the predicate that is about the time alone. */
function timeCondition({ name, predicate }: HistorySelection): RawBuilder<SqlBool> {
  const { columns, timeColumn } = HISTORY_TABLES[name]
  const ofTime = weakenPredicate(predicate, (condition) =>
    columnOf(condition, columns).name === timeColumn ? null : true,
  )
  return predicateToCondition(ofTime, columns)
}

type Key = readonly RawBuilder<unknown>[]

function beyond(key: Key, after: HistoryPosition | null, isDescending: boolean): RawBuilder<SqlBool> {
  return compareKey(key, after, isDescending ? [sql`<=`, sql`<`] : [sql`>=`, sql`>`])
}

function until(key: Key, end: HistoryPosition | null, isDescending: boolean): RawBuilder<SqlBool> {
  return compareKey(key, end, isDescending ? [sql`>=`, sql`>=`] : [sql`<=`, sql`<=`])
}

/** The first column is compared alone, too, so that its index is used. */
function compareKey(
  key: Key,
  position: HistoryPosition | null,
  [ofFirst, ofAll]: readonly [RawBuilder<unknown>, RawBuilder<unknown>],
): RawBuilder<SqlBool> {
  const [first] = key
  if (position === null || first === undefined) return sql<SqlBool>`1 = 1`
  return sql<SqlBool>`${first} ${ofFirst} ${position[0]} and (${sql.join(key)}) ${ofAll} (${sql.join(position)})`
}
