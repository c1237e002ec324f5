import 'server-only'
import { randomInt } from 'node:crypto'
import type { HistoryState } from '@/lib/facts/fold-version'
import { hasDemoHistory, type KnownVersion } from '@/lib/facts/known-version'
import { type Rhythm, usualIntervalMs } from '@/lib/facts/rhythm'
import { joinNamespace, splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Change, Database } from '../database'
import { change, query } from '../statement'
import type { Tables } from '../tables'
import { toTotal } from './fact-tables'

/** The tables whose history is collected. */

/** A table's history, as far as it has come. */
export type TableHistory = {
  id: number
  table: TableIdentifier
  tableUuid: string
  /** Null: the table was dropped. */
  metadataLocation: string | null
  version: KnownVersion
  state: HistoryState
  droppedAtMs: number | null
  revision: number
}

const MAX_ID = 2 ** 47

/** A number that no other history has. */
export function newHistoryId(): number {
  return randomInt(1, MAX_ID)
}

/** The history of the table that has this name, unless it was dropped. */
export async function findHistory(database: Database, table: TableIdentifier): Promise<TableHistory | null> {
  const [row] = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_tables')
        .selectAll()
        .where((eb) => eb.and(nameColumns(table)))
        .where('dropped_at_ms', 'is', null),
    ),
  )
  return row ? toHistory(row) : null
}

/** @param ids at most 500 */
export async function readHistories(database: Database, ids: readonly number[]): Promise<TableHistory[]> {
  if (ids.length === 0) return []
  const rows = await database.read(
    query(({ db }) => db.selectFrom('fact_tables').selectAll().where('id', 'in', ids).orderBy('id')),
  )
  return rows.map(toHistory)
}

/** The histories of a table in one catalog, dropped ones last. Several names may have copies of one table. */
export async function findHistoriesOf(
  database: Database,
  { catalog, tableUuid }: { catalog: string; tableUuid: string },
): Promise<TableHistory[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_tables')
        .selectAll()
        .where('table_uuid', '=', tableUuid)
        .where('catalog', '=', catalog)
        .orderBy('dropped_at_ms')
        .orderBy('id'),
    ),
  )
  return rows.map(toHistory).sort((a, b) => Number(a.droppedAtMs !== null) - Number(b.droppedAtMs !== null))
}

/** The metadata file of the newest version of each table in the histories of a catalog; dropped tables are left out. */
export async function readKnownLocations(
  database: Database,
  catalog: string,
): Promise<{ table: TableIdentifier; metadataLocation: string | null }[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_tables')
        .select(['catalog', 'namespace', 'table_name', 'metadata_location'])
        .where('catalog', '=', catalog)
        .where('dropped_at_ms', 'is', null),
    ),
  )
  return rows.map((row) => ({ table: toIdentifier(row), metadataLocation: row.metadata_location }))
}

/** The row of a new history. Fails the transaction when another process has added one of this name. */
export function newHistoryChange(history: Omit<TableHistory, 'revision'>): Change {
  const { id, table, tableUuid } = history
  return change(
    ({ db, nowMs }) =>
      db
        .insertInto('fact_tables')
        .values({
          id,
          ...nameColumns(table),
          table_uuid: tableUuid,
          revision: 1,
          first_read_at_ms: nowMs,
          read_at_ms: nowMs,
          ...progressColumns(history),
        })
        .onConflict((conflict) => conflict.doNothing()),
    { expectedRows: 1 },
  )
}

/** Fails the transaction when another process has continued the history. */
export function continuedHistoryChange(history: TableHistory): Change {
  return change(
    ({ db, nowMs }) =>
      db
        .updateTable('fact_tables')
        .set({
          ...nameColumns(history.table),
          ...progressColumns(history),
          revision: history.revision + 1,
          read_at_ms: nowMs,
        })
        .where('id', '=', history.id)
        .where('revision', '=', history.revision),
    { expectedRows: 1 },
  )
}

function nameColumns({ catalog, namespace, table }: TableIdentifier) {
  return { catalog, namespace: joinNamespace(namespace), table_name: table }
}

function progressColumns({
  metadataLocation,
  version,
  state,
  droppedAtMs,
}: Pick<TableHistory, 'metadataLocation' | 'version' | 'state' | 'droppedAtMs'>) {
  const { total, rhythm } = state
  return {
    metadata_location: metadataLocation,
    version: JSON.stringify(version),
    seq: state.seq,
    last_at_ms: state.lastAtMs,
    total_rows: total.rows,
    total_files: total.files,
    total_bytes: total.bytes,
    total_delete_files: total.deleteFiles,
    total_position_deletes: total.positionDeletes,
    total_equality_deletes: total.equalityDeletes,
    dropped_at_ms: droppedAtMs,
    last_commit_ms: rhythm.lastCommitMs,
    loads: JSON.stringify(rhythm.loadsMs),
    usual_interval_ms: usualIntervalMs(rhythm),
    is_demo: hasDemoHistory(version) ? 1 : 0,
  }
}

function toHistory(row: Tables['fact_tables']): TableHistory {
  return {
    id: row.id,
    table: toIdentifier(row),
    tableUuid: row.table_uuid,
    metadataLocation: row.metadata_location,
    version: JSON.parse(row.version) as KnownVersion,
    state: { seq: row.seq, lastAtMs: row.last_at_ms, total: toTotal(row), rhythm: toRhythm(row) },
    droppedAtMs: row.dropped_at_ms,
    revision: row.revision,
  }
}

function toRhythm(row: Pick<Tables['fact_tables'], 'last_commit_ms' | 'loads'>): Rhythm {
  return { lastCommitMs: row.last_commit_ms, loadsMs: JSON.parse(row.loads) as number[] }
}

function toIdentifier(row: Pick<Tables['fact_tables'], 'catalog' | 'namespace' | 'table_name'>): TableIdentifier {
  return { catalog: row.catalog, namespace: splitNamespace(row.namespace), table: row.table_name }
}
