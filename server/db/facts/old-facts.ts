import 'server-only'
import { type SqlBool, sql } from 'kysely'
import type { Change, Database } from '../database'
import { change, query } from '../statement'
import { DAY_MS, HOUR_MS } from './sum-tables'

/** Removes facts that are too old. Sums by day are never removed. */

/** For how many days facts are stored: single ones, and their sums by hour with the events of tables. */
export type FactRetention = { commitDays: number; hourDays: number }

/** So many rows are removed at once, and all others of the same millisecond. */
const BATCH_ROWS = 5000
const TABLES_PER_STATEMENT = 500

/**
 * @param signal stops it between two batches
 * @returns how many single facts were removed
 */
export async function removeOldFacts(
  database: Database,
  { commitDays, hourDays }: FactRetention,
  { signal }: { signal: AbortSignal },
): Promise<number> {
  const nowMs = database.nowMs()
  const commitsBeforeMs = nowMs - commitDays * DAY_MS
  const removed = await removeInSteps(signal, async () => {
    const lastMs = await findLastOfBatch(database, 'fact_commits', commitsBeforeMs)
    return lastMs === null ? null : database.commit(oldCommitChanges(lastMs))
  })
  const hoursBefore = Math.floor((nowMs - hourDays * DAY_MS) / HOUR_MS)
  await removeHours(database, hoursBefore, signal)
  await removeInSteps(signal, async () => {
    const lastMs = await findLastOfBatch(database, 'fact_events', hoursBefore * HOUR_MS)
    if (lastMs === null) return null
    return database.commit([change(({ db }) => db.deleteFrom('fact_events').where('at_ms', '<=', lastMs))])
  })
  return removed
}

/** Sums of tables are found from table to table. */
async function removeHours(database: Database, before: number, signal: AbortSignal): Promise<void> {
  await database.commit([change(({ db }) => db.deleteFrom('fact_lake_hours').where('period', '<', before))])
  let after: number | null = 0
  while (after !== null) {
    signal.throwIfAborted()
    after = await removeHoursOfTables(database, { after, before })
  }
}

/** @returns the last table; null if there are no more */
async function removeHoursOfTables(
  database: Database,
  { after, before }: { after: number; before: number },
): Promise<number | null> {
  const tables = await database.read(
    query(({ db }) =>
      db.selectFrom('fact_tables').select('id').where('id', '>', after).orderBy('id').limit(TABLES_PER_STATEMENT),
    ),
  )
  const ids = tables.map(({ id }) => id)
  if (ids.length > 0) {
    await database.commit([
      change(({ db }) => db.deleteFrom('fact_hours').where('table_id', 'in', ids).where('period', '<', before)),
    ])
  }
  return ids.length < TABLES_PER_STATEMENT ? null : (ids.at(-1) ?? null)
}

/** @param step removes a part, and returns the number of rows of each statement; null: nothing is left */
async function removeInSteps(signal: AbortSignal, step: () => Promise<readonly number[] | null>): Promise<number> {
  let count = 0
  for (;;) {
    signal.throwIfAborted()
    const counts = await step()
    if (counts === null) return count
    count += counts.at(-1) ?? 0
  }
}

/** The time of the last of the oldest rows, which are at most a batch; null if none is so old. */
async function findLastOfBatch(
  database: Database,
  name: 'fact_commits' | 'fact_events',
  beforeMs: number,
): Promise<number | null> {
  const [row] = await database.read(
    query(({ db }) =>
      db
        .selectFrom((from) =>
          from
            .selectFrom(name)
            .select('at_ms')
            .where('at_ms', '<', beforeMs)
            .orderBy('at_ms')
            .limit(BATCH_ROWS)
            .as('oldest'),
        )
        .select(({ fn }) => fn.max<number | null>('at_ms').as('last_ms')),
    ),
  )
  return row?.last_ms ?? null
}

function oldCommitChanges(lastMs: number): Change[] {
  return [
    change(({ db }) =>
      db
        .deleteFrom('fact_deletes')
        .where(sql<SqlBool>`(table_id, seq) in (select table_id, seq from fact_commits where at_ms <= ${lastMs})`),
    ),
    change(({ db }) =>
      db
        .deleteFrom('fact_details')
        .where(sql<SqlBool>`(table_id, seq) in (select table_id, seq from fact_commits where at_ms <= ${lastMs})`),
    ),
    change(({ db }) => db.deleteFrom('fact_commits').where('at_ms', '<=', lastMs)),
  ]
}
