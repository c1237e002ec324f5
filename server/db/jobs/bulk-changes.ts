import 'server-only'
import type { TableSelection } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import type { BulkChange, BulkIntent } from '@/lib/changes/intents/bulk-change'
import { joinNamespace, type Namespace, splitNamespace } from '@/lib/names/identifiers'
import type { Change, Database } from '../database'
import { change, query } from '../statement'

/** Changes of many tables: the list of the tables of each, with the result for every one. Runs refer to them. */

export type StoredBulkChange = {
  bulkChangeId: string
  catalog: string
  /** The conditions that gave the list. */
  selection: TableSelection
  changes: readonly BulkChange[]
  startedBy: { userId: string; username: string }
  startedAtMs: number
}

export type BulkTable = {
  /** Its index in the list, in the order of the run. */
  position: number
  namespace: Namespace
  table: string
  state: BulkTableState
  /** Null before the preview; bases are masked as pages show them. */
  intents: readonly BulkIntent[] | null
  warnings: readonly string[]
  /** The metadata file that the preview has read, of a table that is dropped; null for other changes. */
  metadataLocation: string | null
  problem: string | null
  auditId: string | null
  proposalId: string | null
  atMs: number | null
}

/** The members of a table that a step changes. */
export type BulkTableResult = { state: BulkTableState } & Partial<
  Pick<BulkTable, 'intents' | 'warnings' | 'metadataLocation' | 'problem' | 'auditId' | 'proposalId'>
>

const ROWS_PER_STATEMENT = 500

export function addBulkChangeChanges(
  { bulkChangeId, catalog, selection, changes, startedBy }: Omit<StoredBulkChange, 'startedAtMs'>,
  tables: readonly { namespace: Namespace; table: string }[],
): Change[] {
  const rows = tables.map(({ namespace, table }, position) => ({
    bulk_change_id: bulkChangeId,
    position,
    namespace: joinNamespace(namespace),
    table_name: table,
    state: 'waiting' as const,
  }))
  const batches = Array.from({ length: Math.ceil(rows.length / ROWS_PER_STATEMENT) }, (_, index) =>
    rows.slice(index * ROWS_PER_STATEMENT, (index + 1) * ROWS_PER_STATEMENT),
  )
  return [
    change(({ db, nowMs }) =>
      db.insertInto('bulk_changes').values({
        id: bulkChangeId,
        catalog,
        selection: JSON.stringify(selection),
        changes: JSON.stringify(changes),
        user_id: startedBy.userId,
        username: startedBy.username,
        created_at_ms: nowMs,
      }),
    ),
    ...batches.map((batch) => change(({ db }) => db.insertInto('bulk_change_tables').values(batch))),
  ]
}

/** Null when it does not exist, or was removed. */
export async function readStoredBulkChange(database: Database, bulkChangeId: string): Promise<StoredBulkChange | null> {
  const [row] = await database.read(
    query(({ db }) => db.selectFrom('bulk_changes').selectAll().where('id', '=', bulkChangeId)),
  )
  return row
    ? {
        bulkChangeId: row.id,
        catalog: row.catalog,
        selection: JSON.parse(row.selection),
        changes: JSON.parse(row.changes),
        startedBy: { userId: row.user_id, username: row.username },
        startedAtMs: row.created_at_ms,
      }
    : null
}

/** How many of the tables that got a result since then have each state, without states that none has. */
export async function countBulkTables(
  database: Database,
  bulkChangeId: string,
  { sinceMs }: { sinceMs: number },
): Promise<Partial<Record<BulkTableState, number>>> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('bulk_change_tables')
        .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
        .where('bulk_change_id', '=', bulkChangeId)
        .where('at_ms', '>=', sinceMs)
        .groupBy('state'),
    ),
  )
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

/** The names and states of all its tables, and the entries of their changes, in the order of the run. */
export async function readBulkTableNames(
  database: Database,
  bulkChangeId: string,
): Promise<Pick<BulkTable, 'position' | 'namespace' | 'table' | 'state' | 'auditId'>[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('bulk_change_tables')
        .select(['position', 'namespace', 'table_name', 'state', 'audit_id'])
        .where('bulk_change_id', '=', bulkChangeId)
        .orderBy('position'),
    ),
  )
  return rows.map(({ position, namespace, table_name, state, audit_id }) => ({
    position,
    namespace: splitNamespace(namespace),
    table: table_name,
    state,
    auditId: audit_id,
  }))
}

/** The intents of all its tables that have a preview, by position. */
export async function readBulkIntents(
  database: Database,
  bulkChangeId: string,
): Promise<Map<number, readonly BulkIntent[]>> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('bulk_change_tables')
        .select(['position', 'intents'])
        .where('bulk_change_id', '=', bulkChangeId)
        .where('intents', 'is not', null)
        .$narrowType<{ intents: string }>(),
    ),
  )
  return new Map(rows.map(({ position, intents }) => [position, JSON.parse(intents)]))
}

/** Tables by their positions, in the order of the run. */
export async function readBulkTables(
  database: Database,
  bulkChangeId: string,
  positions: readonly number[],
): Promise<BulkTable[]> {
  if (positions.length === 0) return []
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('bulk_change_tables')
        .selectAll()
        .where('bulk_change_id', '=', bulkChangeId)
        .where('position', 'in', positions)
        .orderBy('position'),
    ),
  )
  return rows.map((row) => ({
    position: row.position,
    namespace: splitNamespace(row.namespace),
    table: row.table_name,
    state: row.state,
    intents: row.intents === null ? null : JSON.parse(row.intents),
    warnings: row.warnings === null ? [] : JSON.parse(row.warnings),
    metadataLocation: row.metadata_location,
    problem: row.problem,
    auditId: row.audit_id,
    proposalId: row.proposal_id,
    atMs: row.at_ms,
  }))
}

/** The result of a step for one table. Absent members stay. */
export function bulkTableChange(
  { bulkChangeId, position }: { bulkChangeId: string; position: number },
  result: BulkTableResult,
): Change {
  const { state, intents, warnings, metadataLocation, problem = null, auditId, proposalId } = result
  return change(
    ({ db, nowMs }) =>
      db
        .updateTable('bulk_change_tables')
        .set({
          state,
          problem,
          at_ms: nowMs,
          ...(intents !== undefined && { intents: intents && JSON.stringify(intents) }),
          ...(warnings && { warnings: JSON.stringify(warnings) }),
          ...(metadataLocation !== undefined && { metadata_location: metadataLocation }),
          ...(auditId !== undefined && { audit_id: auditId }),
          ...(proposalId !== undefined && { proposal_id: proposalId }),
        })
        .where('bulk_change_id', '=', bulkChangeId)
        .where('position', '=', position),
    { expectedRows: 1 },
  )
}

/** Gives all tables with some states another one, before a run takes them. */
export function bulkStateChange(bulkChangeId: string, from: readonly BulkTableState[], to: BulkTableState): Change {
  return change(({ db }) =>
    db
      .updateTable('bulk_change_tables')
      .set({ state: to, problem: null })
      .where('bulk_change_id', '=', bulkChangeId)
      .where('state', 'in', from),
  )
}

/** Gives tables another state by their positions, before a run takes them. */
export function bulkStateChangesAt(bulkChangeId: string, positions: readonly number[], to: BulkTableState): Change[] {
  const batches = Array.from({ length: Math.ceil(positions.length / ROWS_PER_STATEMENT) }, (_, index) =>
    positions.slice(index * ROWS_PER_STATEMENT, (index + 1) * ROWS_PER_STATEMENT),
  )
  return batches.map((batch) =>
    change(({ db }) =>
      db
        .updateTable('bulk_change_tables')
        .set({ state: to, problem: null })
        .where('bulk_change_id', '=', bulkChangeId)
        .where('position', 'in', batch),
    ),
  )
}

/** The result of a stopped run for all tables with some states: it did not reach them. */
export function stoppedTablesChange(
  bulkChangeId: string,
  from: readonly BulkTableState[],
  { state, problem }: { state: BulkTableState; problem: string | null },
): Change {
  return change(({ db, nowMs }) =>
    db
      .updateTable('bulk_change_tables')
      .set({ state, problem, at_ms: nowMs })
      .where('bulk_change_id', '=', bulkChangeId)
      .where('state', 'in', from),
  )
}
