import 'server-only'
import { sql } from 'kysely'
import { splitNamespace } from '@/lib/names/identifiers'
import { covers, type Resource } from '@/lib/permissions'
import { createTurns } from '@/server/timing/take-turns'
import { auditChange, hasHappened, type NewAuditEntry, newAuditId } from '../audit'
import type { Change, Database } from '../database'
import { change, query } from '../statement'

/**
 * The audit entry of each snapshot that a commit added, so that a list of snapshots finds its writers without reading
 * the audit. Like the audit, rows are only ever added.
 */

/**
 * The rows of a commit's audit entry: the entry, and the snapshots that it names.
 *
 * @param atMs as in {@link auditChange}
 */
export function commitAuditChanges(
  entry: NewAuditEntry,
  { id = newAuditId(), ...at }: { id?: string; atMs?: number } = {},
): Change[] {
  return [auditChange(entry, { id, ...at }), ...snapshotChanges(id, entry)]
}

function snapshotChanges(auditId: string, { action, outcome = null, tableUuid, after }: NewAuditEntry): Change[] {
  const snapshots = after?.snapshots ?? []
  if (tableUuid == null || snapshots.length === 0 || !hasHappened({ action, outcome })) return []
  const rows = snapshots.map(({ snapshotId }) => ({
    table_uuid: tableUuid,
    snapshot_id: snapshotId,
    audit_id: auditId,
  }))
  return [change(({ db }) => db.insertInto('snapshot_writers').values(rows), { expectedRows: rows.length })]
}

/** A snapshot by the UUID of its table and its own id. */
type SnapshotKey = { tableUuid: string; snapshotId: string }

/** The user that committed a snapshot, what the user's client calls itself, and the audit entry of the commit. */
type RecordedWriter = { username: string; client: string | null; auditId: string }

/** More snapshots take several statements, between which other requests have their turn: SQLite reads on this thread. */
const MAX_SNAPSHOTS_PER_READ = 1_000

/**
 * The writers of snapshots, in their order; null where the audit has none.
 *
 * @param readable the resources that the reader may read. Two catalogs may record a commit, as for the list of the
 * audit: the console's entry knows the user, and readers of its table see it; other readers see the catalog's entry
 */
export async function readRecordedWriters(
  database: Database,
  snapshots: readonly SnapshotKey[],
  readable: readonly Resource[],
): Promise<(RecordedWriter | null)[]> {
  const writers = new Map<string, RecordedWriter & { rank: number }>()
  const takeTurn = createTurns()
  for (let start = 0; start < snapshots.length; start += MAX_SNAPSHOTS_PER_READ) {
    await takeTurn()
    const rows = await database.read(selectEntries(snapshots.slice(start, start + MAX_SNAPSHOTS_PER_READ)))
    for (const row of rows) {
      const key = keyText({ tableUuid: row.table_uuid, snapshotId: row.snapshot_id })
      const via = row.via === null ? null : (JSON.parse(row.via) as { client: string | null })
      const rank = via !== null ? 1 : isWithin(row, readable) ? 2 : 0
      if (rank < (writers.get(key)?.rank ?? 0)) continue
      writers.set(key, { username: row.actor_name, client: via?.client ?? null, auditId: row.audit_id, rank })
    }
  }
  return snapshots.map((snapshot) => {
    const writer = writers.get(keyText(snapshot))
    if (!writer) return null
    const { rank: _rank, ...recorded } = writer
    return recorded
  })
}

type EntryRow = {
  table_uuid: string
  snapshot_id: string
  audit_id: string
  actor_name: string
  via: string | null
  catalog: string | null
  namespace: string | null
  table_name: string | null
}

function selectEntries(snapshots: readonly SnapshotKey[]) {
  const sought = snapshots.map(({ tableUuid, snapshotId }) => [tableUuid, snapshotId])
  return query<EntryRow>((dialect) => {
    const isSought = sql`snapshot_writers.table_uuid = sought.a and snapshot_writers.snapshot_id = sought.b`
    const isEntry = sql`audit.id = snapshot_writers.audit_id`
    const statement = sql<EntryRow>`select snapshot_writers.table_uuid, snapshot_writers.snapshot_id,
          snapshot_writers.audit_id, audit.actor_name, audit.via, audit.catalog, audit.namespace, audit.table_name
        from ${dialect.lookUp(sought, 'snapshot_writers', isSought)} ${dialect.joinEach('audit', isEntry)}`
    return { compile: () => statement.compile(dialect.db) }
  })
}

function isWithin({ catalog, namespace, table_name: table }: EntryRow, readable: readonly Resource[]): boolean {
  if (catalog === null || namespace === null || table === null) return false
  const resource = { catalog, namespace: splitNamespace(namespace), table }
  return readable.some((one) => covers(one, resource))
}

function keyText({ tableUuid, snapshotId }: SnapshotKey): string {
  return `${tableUuid} ${snapshotId}`
}
