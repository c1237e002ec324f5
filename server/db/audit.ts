import 'server-only'
import { monotonicFactory } from 'ulid'
import type { Via } from '@/lib/contract/via'
import { joinNamespace, type Namespace, splitNamespace, type TableRef } from '@/lib/iceberg/identifiers'
import type { Resource } from '@/lib/permissions'
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
  /** The program that did it over the REST catalog; null for what was done from the console. */
  via: Via | null
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
export type NewAuditEntry = Omit<AuditEntry, 'id' | 'atMs' | 'undoneBy' | 'namespace' | 'via'> &
  Partial<Pick<AuditEntry, 'namespace' | 'via'>>

/** In order also within a millisecond, of those that this process makes. */
export const auditId: (atMs: number) => string = monotonicFactory()

/** The row of an entry, to be written with what it tells of. */
export function auditStatement(entry: NewAuditEntry, { id, atMs }: { id: string; atMs: number }): Statement {
  const place = entry.table ?? entry.namespace
  return {
    sql: `INSERT INTO audit (id, at_ms, actor_id, actor_name, action, catalog, namespace, table_name, table_uuid,
        before, after, request_id, undoes, via)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
      entry.via ? JSON.stringify(entry.via) : null,
    ],
    expectedChanges: 1,
  }
}

const MOST_ENTRIES = 500

/**
 * A connection may lead to the catalog that is here. What the console commits through it is told by the console, and by
 * the catalog as what came over REST: the same version of the table in two catalogs. The console knows who meant it,
 * and is heard by who may read the table where the console committed it; others are told what came over REST.
 * Registering names a version that is there already.
 */
function isToldByTheOther(readable: readonly Resource[]): Condition {
  const [ofThis, ofOther] = [isWithin('audit', readable), isWithin('other', readable)]
  const other = `SELECT 1 FROM audit AS other WHERE other.table_uuid = audit.table_uuid
    AND other.catalog <> audit.catalog
    AND other.after ->> '$.metadataLocation' = audit.after ->> '$.metadataLocation'`
  // Few rows come to be compared with all others: who may read everything is told by the console wherever it can tell.
  return {
    sql: `(audit.via IS NOT NULL AND audit.action <> 'register-table'
        AND EXISTS (${other} AND other.via IS NULL AND ${ofOther.sql})
      OR audit.via IS NULL AND NOT ${ofThis.sql}
        AND EXISTS (${other} AND other.via IS NOT NULL AND other.action <> 'register-table'))`,
    params: [...ofOther.params, ...ofThis.params],
  }
}

/** As `covers` has it, of any of the resources. */
function isWithin(row: 'audit' | 'other', resources: readonly Resource[]): Condition {
  const each = resources.map(({ catalog, namespace = [], table }): Condition => {
    const parts: Condition[] = []
    if (catalog !== undefined) parts.push({ sql: `${row}.catalog = ?`, params: [catalog] })
    if (namespace.length > 0) {
      // Ended as a level ends, so that `a` is not around `ab`.
      const params = [joinNamespace(['', '']), joinNamespace([...namespace, ''])]
      parts.push({ sql: `instr(${row}.namespace || ?, ?) = 1`, params })
    }
    if (table !== undefined) parts.push({ sql: `${row}.table_name IS ?`, params: [table] })
    return joined(parts, 'AND')
  })
  return joined(each, 'OR')
}

/** A condition with the values of its question marks. */
type Condition = { sql: string; params: readonly SqlValue[] }

function joined(conditions: readonly Condition[], by: 'AND' | 'OR'): Condition {
  const none = by === 'AND' ? 'true' : 'false'
  return {
    sql: `(${conditions.length === 0 ? none : conditions.map(({ sql }) => sql).join(` ${by} `)})`,
    params: conditions.flatMap(({ params }) => params),
  }
}

/**
 * Newest first. What several processes wrote within one millisecond is told in the order in which it was written: rows
 * are only added, so that each has a greater `rowid` than those before it.
 */
const NEWEST_FIRST = 'ORDER BY at_ms DESC, rowid DESC'

/**
 * Entries, newest first; what was done by one commit is told once.
 *
 * @param tableUuid of one table, whatever it was named then; absent: of everything
 * @param limit at most 500
 * @param before the id of an entry: only older ones
 * @param readable where the one who asks may read: what one commit did is told as done there. The other entries are
 *   not left out by it; absent: everywhere
 */
export function listAudit({
  tableUuid,
  limit,
  before,
  readable = [{}],
}: {
  tableUuid?: string
  limit: number
  before?: string
  readable?: readonly Resource[]
}): AuditEntry[] {
  const told = isToldByTheOther(readable)
  const asked: Condition[] = [{ ...told, sql: `NOT ${told.sql}` }]
  if (tableUuid !== undefined) asked.push({ sql: 'audit.table_uuid = ?', params: [tableUuid] })
  if (before !== undefined) {
    asked.push({
      sql: '(audit.at_ms, audit.rowid) < (SELECT at_ms, rowid FROM audit WHERE id = ?)',
      params: [before],
    })
  }
  return select(joined(asked, 'AND'), Math.min(limit, MOST_ENTRIES))
}

/** Null where there is no such entry. */
export function readAudit(id: string): AuditEntry | null {
  return select({ sql: 'audit.id = ?', params: [id] }, 1)[0] ?? null
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
  via: string | null
  undone_by: string | null
}

function select({ sql, params }: Condition, limit: number): AuditEntry[] {
  return openDatabase()
    .read<AuditRow>(
      `SELECT audit.*, (SELECT id FROM audit AS undo WHERE undo.undoes = audit.id ${NEWEST_FIRST} LIMIT 1) AS undone_by
        FROM audit WHERE ${sql} ${NEWEST_FIRST} LIMIT ?`,
      [...params, limit],
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
    via: row.via === null ? null : JSON.parse(row.via),
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
