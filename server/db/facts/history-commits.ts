import 'server-only'
import { type SqlBool, sql } from 'kysely'
import type { Database } from '../database'
import { query } from '../statement'
import type { Tables } from '../tables'
import { isInScope, type SumScope } from './is-in-scope'
import { isOneOf } from './is-one-of'

/** Single commits in the histories of tables. Rows end after some time; the sums of older ones are stored longer. */

export type HistoryCommit = {
  tableId: number
  snapshotId: string
  atMs: number
  operation: string | null
  writerId: number | null
  /** Null: not known. */
  added: CommitAmounts
  removed: CommitAmounts
  /** Null: not known. */
  inputBytes: number | null
}
type CommitAmounts = { rows: number | null; files: number | null; bytes: number | null }

/** A commit that the main branch of a table no longer has, or has again. */
export type ReturnedCommit = HistoryCommit & { kind: 'taken-back' | 'put-back'; enteredAtMs: number }

type Range = {
  of: SumScope
  fromMs: number
  /** Null: to the newest. */
  toMs: number | null
  limit: number
}

/**
 * The commits that came in, newest first.
 *
 * @param options.isByTime reads from the newest of all tables on, for tables with many commits in a short range; otherwise
 *   all rows of the tables are read
 */
export async function readNewestCommits(
  database: Database,
  range: Range,
  { isByTime }: { isByTime: boolean },
): Promise<HistoryCommit[]> {
  return (await readRows(database, 'commit', range, { isByTime })).map(toCommit)
}

/** The commits of an operation, newest first, of which all rows of these tables are read. */
export async function readCommitsOf(
  database: Database,
  { operation, tableIds, fromMs, toMs, limit }: Omit<Range, 'of'> & { tableIds: readonly number[]; operation: string },
): Promise<HistoryCommit[]> {
  const rows = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_commits')
        .selectAll('fact_commits')
        .select(INPUT_BYTES)
        .where('at_ms', '>=', fromMs)
        .$if(toMs !== null, (commits) => commits.where('at_ms', '<', toMs ?? 0))
        .where(isOneOf(dialect, tableIds))
        .where('kind', '=', 'commit')
        .where('operation', '=', operation)
        .orderBy('at_ms', 'desc')
        .orderBy('seq', 'desc')
        .limit(limit),
    ),
  )
  return rows.map(toCommit)
}

/** The commits that were taken back or put back, newest first. */
export async function readReturnedCommits(database: Database, range: Range): Promise<ReturnedCommit[]> {
  const rows = await readRows(database, 'returned', range, { isByTime: true })
  return rows.map((row) => ({
    ...toCommit(row),
    kind: row.kind === 'put-back' ? 'put-back' : 'taken-back',
    enteredAtMs: row.entered_at_ms ?? row.at_ms,
  }))
}

/**
 * The newest commits of some tables, newest first, also those of other branches than `main`. So many of the newest rows of
 * each table are read as are requested.
 */
export async function readRecentCommits(
  database: Database,
  tableIds: readonly number[],
  limit: number,
): Promise<HistoryCommit[]> {
  if (tableIds.length === 0) return []
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_tables')
        .innerJoin('fact_commits', 'fact_commits.table_id', 'fact_tables.id')
        .selectAll('fact_commits')
        .select(INPUT_BYTES)
        .where('fact_tables.id', 'in', tableIds)
        .where(sql<SqlBool>`fact_commits.seq > fact_tables.seq - ${limit}`)
        .where('fact_commits.kind', 'in', ['commit', 'off-main'])
        .orderBy('fact_commits.at_ms', 'desc')
        .orderBy('fact_commits.seq', 'desc')
        .limit(limit),
    ),
  )
  return rows.map(toCommit)
}

/** Few commits have details. */
const INPUT_BYTES = sql<number | null>`(select details.input_bytes from fact_details as details
  where details.table_id = fact_commits.table_id and details.seq = fact_commits.seq)`.as('input_bytes')

/** As the index has it, whose rows are few. */
const RETURNED = sql<SqlBool>`kind in ('taken-back', 'put-back')`

function readRows(
  database: Database,
  kinds: 'commit' | 'returned',
  { of, fromMs, toMs, limit }: Range,
  { isByTime }: { isByTime: boolean },
) {
  return database.read(
    query((dialect) => {
      return dialect.db
        .selectFrom('fact_commits')
        .selectAll('fact_commits')
        .select(INPUT_BYTES)
        .where('at_ms', '>=', fromMs)
        .$if(toMs !== null, (commits) => commits.where('at_ms', '<', toMs ?? 0))
        .where(isInScope(dialect, of, { isByTime }))
        .where(kinds === 'commit' ? sql<SqlBool>`kind = 'commit'` : RETURNED)
        .orderBy('at_ms', 'desc')
        .orderBy('seq', 'desc')
        .limit(limit)
    }),
  )
}

function toCommit(row: Tables['fact_commits'] & { input_bytes: number | null }): HistoryCommit {
  return {
    tableId: row.table_id,
    snapshotId: row.snapshot_id ?? '',
    atMs: row.at_ms,
    operation: row.operation,
    writerId: row.writer_id,
    added: { rows: row.rows_added, files: row.files_added, bytes: row.bytes_added },
    removed: { rows: row.rows_removed, files: row.files_removed, bytes: row.bytes_removed },
    inputBytes: row.input_bytes,
  }
}
