import 'server-only'
import type { LakeCommit } from '@/lib/contract/shapes/lake'
import type { Home, LakeEvent } from '@/lib/contract/home'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted, permittedResources } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { type AuditEntry, hasHappened, isOfView } from '@/server/db/audit'
import { listCatalogChanges, readAuditEntries } from '@/server/db/audit-list'
import { readSource } from '@/server/db/audit-source'
import { readRecordedWriters } from '@/server/db/catalog/snapshot-writers'
import type { Database } from '@/server/db/database'

/** The tables that were read, and their commits. */
type LakeContents = {
  tables: readonly { identifier: TableIdentifier; metadata: Pick<LoadedTable['metadata'], 'tableUuid'> }[]
  commits: readonly LakeCommit[]
}

/**
 * The newest commits and actions in one list. A commit from the console or over REST is listed once, as the action. The
 * audit is looked up by snapshot for each of the newest commits, however old its entry is; other actions are looked for
 * among the newest entries.
 */
export async function readNewestEvents(
  database: Database,
  actor: Actor,
  { tables, commits }: LakeContents,
  limit: number,
): Promise<Pick<Home, 'events' | 'eventsCompleteSinceMs'>> {
  // If two catalogs list a table, such as a connection to our own, each of its commits is listed once.
  const bySnapshot = new Map(commits.toReversed().map((commit) => [commit.snapshotId, commit]))
  const { entries, unlistedAtMs } = await listCatalogChanges(database, {
    readable: permittedResources(actor, 'table:read'),
    isReadable: (resource) => isPermitted(actor, 'table:read', resource),
    isListed: hasChangedTarget,
    limit,
  })
  const audited = new Set(entries.flatMap(snapshotIdsOf))
  const newestCommits = [...bySnapshot.values()]
    .filter(({ snapshotId }) => !audited.has(snapshotId))
    .sort((a, b) => b.atMs - a.atMs)
    .slice(0, limit)
  const commitEntries = await readCommitEntries(database, actor, { tables, commits: newestCommits })
  for (const snapshotId of commitEntries.flatMap(snapshotIdsOf)) audited.add(snapshotId)
  const events = [
    ...[...entries, ...commitEntries].flatMap((entry) => toEvent(entry, actor, bySnapshot) ?? []),
    ...newestCommits.filter(({ snapshotId }) => !audited.has(snapshotId)).map(toCommitEvent),
  ]
    .sort((a, b) => b.atMs - a.atMs)
    .slice(0, limit)
  const isFull = unlistedAtMs !== null && events.length === limit && (events.at(-1)?.atMs ?? 0) >= unlistedAtMs
  return { events, eventsCompleteSinceMs: isFull ? null : unlistedAtMs }
}

/** Queuing or cancelling a run does not change its table. */
function hasChangedTarget(entry: AuditEntry): boolean {
  return hasHappened(entry) && !entry.after?.run && !entry.after?.schedule
}

/** The entries of commits, each once, as the history of their tables has them. */
async function readCommitEntries(
  database: Database,
  actor: Actor,
  { tables, commits }: LakeContents,
): Promise<AuditEntry[]> {
  const uuids = new Map(tables.map(({ identifier, metadata }) => [JSON.stringify(identifier), metadata.tableUuid]))
  const snapshots = commits.flatMap(({ table, snapshotId }) => {
    const tableUuid = uuids.get(JSON.stringify(table))
    return tableUuid === undefined ? [] : [{ tableUuid, snapshotId }]
  })
  const writers = await readRecordedWriters(database, snapshots, permittedResources(actor, 'table:read'))
  return readAuditEntries(database, [...new Set(writers.flatMap((writer) => writer?.auditId ?? []))])
}

function snapshotIdsOf({ after }: AuditEntry): string[] {
  return (after?.snapshots ?? []).map(({ snapshotId }) => snapshotId)
}

/** Null for a change of something that the actor may not read. */
function toEvent(entry: AuditEntry, actor: Actor, bySnapshot: ReadonlyMap<string, LakeCommit>): LakeEvent | null {
  const added = snapshotIdsOf(entry).flatMap((snapshotId) => bySnapshot.get(snapshotId) ?? [])
  const commit = added.length === 0 ? null : added.reduce(addUp)
  const resource = entry.table ?? entry.namespace
  const isReadable = resource !== null && isPermitted(actor, 'table:read', resource)
  // The table may have had another name, or another catalog may have recorded the commit.
  const target = isReadable ? { table: null, ...resource } : (commit?.table ?? null)
  if (target === null) return null
  const { atMs, action, via } = entry
  const isView = isOfView(entry)
  return { atMs, target, isView, action, ...readSource(entry), actor: entry.actor.username, via, commit }
}

function toCommitEvent(commit: LakeCommit): LakeEvent {
  return {
    atMs: commit.atMs,
    target: commit.table,
    isView: false,
    action: commit.operation,
    source: 'commit',
    job: null,
    actor: commit.writer,
    via: null,
    commit,
  }
}

const COUNTS = ['addedRows', 'removedRows', 'addedBytes', 'removedBytes', 'addedFiles', 'removedFiles'] as const

/** The later of two snapshots of a commit, with the counts of both. */
function addUp(earlier: LakeCommit, later: LakeCommit): LakeCommit {
  const counts = COUNTS.map((count) => {
    const [before, added] = [earlier[count], later[count]]
    return [count, before === null || added === null ? null : before + added]
  })
  return { ...later, ...(Object.fromEntries(counts) as Pick<LakeCommit, (typeof COUNTS)[number]>) }
}
