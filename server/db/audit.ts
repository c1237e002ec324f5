import 'server-only'
import { ulid } from 'ulid'
import { joinNamespace, type Namespace, splitNamespace, type TableRef } from '@/lib/iceberg/identifiers'
import type { SqlValue, Statement } from './database'
import { openDatabase } from './open-database'

/**
 * Who changed what, before and after. Rows are only ever added, in the transaction of what they tell of: a row means
 * that it happened.
 */

/** What of a table was changed, as it was or as it is since; null: not set, or not there. */
export type AuditState = {
  metadataLocation?: string | null
  /** `namespace.table`, where the name was changed. */
  name?: string
  properties?: Readonly<Record<string, string | null>>
  /** `schema`, `partition spec` and `sort order` that new data is written with: `id 1`. */
  layout?: Readonly<Record<string, string | null>>
  /** Snapshot ids by branch or tag. */
  refs?: Readonly<Record<string, string | null>>
  /** A person who may sign in, where the change is to them. */
  user?: { username: string; role: string }
  /** A person's access token, where the change is to one; never what proves it. */
  token?: { tokenId: string; name: string; username: string; role: string; expiresAtMs: number }
  /** A run that was cancelled or tried again. */
  run?: { id: string; kind: string; title: string }
  /** What a schedule says. */
  schedule?: { id: string; cron: string; timeZone: string; isEnabled: boolean }
  /** Settings hold no secret; of secrets only the names of those that were given anew are told. */
  connection?: { name: string; settings?: object; changedSecrets?: readonly string[]; failedStep?: string | null }
}

export type AuditEntry = {
  /** A ULID: sorts by time. */
  id: string
  atMs: number
  actor: { userId: string; username: string }
  /** `set-properties`, `roll-back`, `append`, `undo` … */
  action: string
  table: TableRef | null
  /** Where the change is to a namespace itself, not to a table in it. */
  namespace: { catalog: string; namespace: Namespace } | null
  tableUuid: string | null
  before: AuditState | null
  after: AuditState | null
  requestId: string | null
  /** The entry that this one took back. */
  undoes: string | null
  /** The entry that took this one back. */
  undoneBy: string | null
}

/** What the caller says; id and time are given here. */
export type NewAuditEntry = Omit<AuditEntry, 'id' | 'atMs' | 'undoneBy' | 'namespace'> &
  Partial<Pick<AuditEntry, 'namespace'>>

export function auditId(atMs: number): string {
  return ulid(atMs)
}

/** The row of an entry, to be written with what it tells of. */
export function auditStatement(entry: NewAuditEntry, { id, atMs }: { id: string; atMs: number }): Statement {
  const place = entry.table ?? entry.namespace
  return {
    sql: `INSERT INTO audit (id, at_ms, actor_id, actor_name, action, catalog, namespace, table_name, table_uuid,
        before, after, request_id, undoes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      id,
      atMs,
      entry.actor.userId,
      entry.actor.username,
      entry.action,
      place?.catalog ?? null,
      place ? joinNamespace(place.namespace) : null,
      entry.table?.table ?? null,
      entry.tableUuid,
      entry.before && JSON.stringify(entry.before),
      entry.after && JSON.stringify(entry.after),
      entry.requestId,
      entry.undoes,
    ],
    expectedChanges: 1,
  }
}

const MOST_ENTRIES = 500

/**
 * Entries, newest first.
 *
 * @param tableUuid of one table, whatever it was named then; absent: of everything
 * @param limit at most 500
 * @param before the id of an entry: only older ones
 */
export function listAudit({
  tableUuid,
  limit,
  before,
}: {
  tableUuid?: string
  limit: number
  before?: string
}): AuditEntry[] {
  const asked: [string, SqlValue][] = []
  if (tableUuid !== undefined) asked.push(['audit.table_uuid = ?', tableUuid])
  if (before !== undefined) asked.push(['audit.id < ?', before])
  return select(asked, Math.min(limit, MOST_ENTRIES))
}

/** Null where there is no such entry. */
export function readAudit(id: string): AuditEntry | null {
  return select([['audit.id = ?', id]], 1)[0] ?? null
}

type AuditRow = {
  id: string
  at_ms: number
  actor_id: string
  actor_name: string
  action: string
  catalog: string | null
  namespace: string | null
  table_name: string | null
  table_uuid: string | null
  before: string | null
  after: string | null
  request_id: string | null
  undoes: string | null
  undone_by: string | null
}

function select(asked: readonly [string, SqlValue][], limit: number): AuditEntry[] {
  return openDatabase()
    .read<AuditRow>(
      `SELECT audit.*, (SELECT max(undo.id) FROM audit AS undo WHERE undo.undoes = audit.id) AS undone_by
        FROM audit WHERE ${['true', ...asked.map(([condition]) => condition)].join(' AND ')}
        ORDER BY audit.id DESC LIMIT ?`,
      [...asked.map(([, value]) => value), limit],
    )
    .map(toEntry)
}

function toEntry(row: AuditRow): AuditEntry {
  const { catalog, table_name: table } = row
  const place =
    catalog === null || row.namespace === null ? null : { catalog, namespace: splitNamespace(row.namespace) }
  return {
    id: row.id,
    atMs: row.at_ms,
    actor: { userId: row.actor_id, username: row.actor_name },
    action: row.action,
    table: place && table !== null ? { ...place, table } : null,
    namespace: table === null ? place : null,
    tableUuid: row.table_uuid,
    before: row.before === null ? null : JSON.parse(row.before),
    after: row.after === null ? null : JSON.parse(row.after),
    requestId: row.request_id,
    undoes: row.undoes,
    undoneBy: row.undone_by,
  }
}
