import 'server-only'
import type { VersionDescription } from '@/lib/facts/describe-version'
import { joinNamespace, splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { newAuditId } from '../audit'
import type { Change, Database } from '../database'
import { type SqlBool, sql } from 'kysely'
import { insertIf } from '../insert-if'
import { change, query } from '../statement'
import type { Tables } from '../tables'

/**
 * Changes of tables that are not in the histories yet: rows that are written in the transaction of the change, and
 * removed in the one that continues the history.
 */

/** A change of a table. `table`: its name then. */
export type TableChangeFact = {
  id: string
  recordedAtMs: number
  table: TableIdentifier
  atMs: number
  attempts: number
} & (
  | {
      kind: 'version'
      tableUuid: string
      /** Null: the table was created or registered. */
      fromLocation: string | null
      toLocation: string
      /** Null: the metadata files say it. */
      description: VersionDescription | null
    }
  | { kind: 'renamed'; to: TableIdentifier }
  | { kind: 'dropped' }
)

type NewChange = TableChangeFact extends infer Each
  ? Each extends object
    ? Omit<Each, 'id' | 'recordedAtMs' | 'atMs' | 'attempts'>
    : never
  : never

/** A longer description is left out. That of a usual commit has about a thousand characters. */
const MAX_DESCRIPTION_CHARS = 256 * 1024
/**
 * Without a worker, rows stay until there are so many; further writes add none. The next poll finds in the metadata what
 * they did.
 */
const MAX_CHANGES = 50_000

const IS_BELOW_MAX = sql<SqlBool>`not exists (select 1 from fact_changes as others limit 1 offset ${sql.lit(MAX_CHANGES)})`

/** The row of a change. @param atMs when it happened, if that was not now */
export function tableChange(fact: NewChange, { atMs }: { atMs?: number } = {}): Change {
  return change((dialect) => {
    const { table } = fact
    const key = { catalog: table.catalog, namespace: joinNamespace(table.namespace), table_name: table.table }
    const times = { at_ms: atMs ?? dialect.nowMs, recorded_at_ms: dialect.nowMs }
    const row = { id: newAuditId(), ...key, ...times, attempts: 0, ...toColumns(fact) }
    return insertIf(dialect, 'fact_changes', row, IS_BELOW_MAX)
  })
}

type DetailColumns = Pick<Tables['fact_changes'], 'kind' | 'table_uuid' | 'from_location' | 'to_location' | 'detail'>

function toColumns(fact: NewChange): DetailColumns {
  const none = { table_uuid: null, from_location: null, to_location: null, detail: null }
  if (fact.kind === 'dropped') return { kind: 'dropped', ...none }
  if (fact.kind === 'renamed') return { kind: 'renamed', ...none, detail: JSON.stringify(fact.to) }
  const detail = fact.description === null ? null : JSON.stringify(fact.description)
  return {
    kind: 'version',
    table_uuid: fact.tableUuid,
    from_location: fact.fromLocation,
    to_location: fact.toLocation,
    detail: detail !== null && detail.length > MAX_DESCRIPTION_CHARS ? null : detail,
  }
}

/** Changes in the order in which they happened: a commit is built on the one before, so the database's clock orders them. */
export async function readTableChanges(database: Database, limit: number): Promise<TableChangeFact[]> {
  const rows = await database.read(
    query(({ db }) => db.selectFrom('fact_changes').selectAll().orderBy('recorded_at_ms').orderBy('id').limit(limit)),
  )
  return rows.map(toFact)
}

function toFact(row: Tables['fact_changes']): TableChangeFact {
  const table = { catalog: row.catalog, namespace: splitNamespace(row.namespace), table: row.table_name }
  const change = { id: row.id, recordedAtMs: row.recorded_at_ms, table, atMs: row.at_ms, attempts: row.attempts }
  if (row.kind === 'dropped') return { ...change, kind: 'dropped' }
  if (row.kind === 'renamed') return { ...change, kind: 'renamed', to: JSON.parse(row.detail ?? '') as TableIdentifier }
  if (row.table_uuid === null || row.to_location === null) throw new Error(`The change ${row.id} names no version.`)
  return {
    ...change,
    kind: 'version',
    tableUuid: row.table_uuid,
    fromLocation: row.from_location,
    toLocation: row.to_location,
    description: row.detail === null ? null : (JSON.parse(row.detail) as VersionDescription),
  }
}

export async function hasTableChanges(database: Database): Promise<boolean> {
  const rows = await database.read(query(({ db }) => db.selectFrom('fact_changes').select('id').limit(1)))
  return rows.length > 0
}

/** When the oldest change of a catalog was recorded that no history has yet; null: there is none. */
export async function readOldestChangeMs(database: Database, catalog: string): Promise<number | null> {
  const [row] = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_changes')
        .select('recorded_at_ms')
        .where('catalog', '=', catalog)
        .orderBy('recorded_at_ms')
        .limit(1),
    ),
  )
  return row?.recorded_at_ms ?? null
}

/** The names of tables that have changes which no history has yet, and the new names that these give them. */
export async function readChangedTables(database: Database, catalog: string): Promise<TableIdentifier[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('fact_changes')
        .select(['catalog', 'namespace', 'table_name'])
        .select(sql<string | null>`case kind when 'renamed' then detail end`.as('new_name'))
        .distinct()
        .where('catalog', '=', catalog),
    ),
  )
  return rows.flatMap((row) => [
    { catalog: row.catalog, namespace: splitNamespace(row.namespace), table: row.table_name },
    ...(row.new_name === null ? [] : [JSON.parse(row.new_name) as TableIdentifier]),
  ])
}

/** Fails the transaction when another process has used the change. */
export function usedChange({ id, recordedAtMs }: Pick<TableChangeFact, 'id' | 'recordedAtMs'>): Change {
  return change(
    ({ db }) => db.deleteFrom('fact_changes').where('recorded_at_ms', '=', recordedAtMs).where('id', '=', id),
    { expectedRows: 1 },
  )
}

export function failedAttemptChange({ id, recordedAtMs }: Pick<TableChangeFact, 'id' | 'recordedAtMs'>): Change {
  return change(({ db }) =>
    db
      .updateTable('fact_changes')
      .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
      .where('recorded_at_ms', '=', recordedAtMs)
      .where('id', '=', id),
  )
}
