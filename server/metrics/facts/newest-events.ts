import 'server-only'
import type { LakeCommit } from '@/lib/contract/shapes/lake'
import type { Home, LakeEvent } from '@/lib/contract/home'
import { type Actor, isPermitted, permittedResources } from '@/server/auth/actor'
import { type AuditEntry, hasHappened, isOfView } from '@/server/db/audit'
import { listCatalogChanges, readAuditEntries } from '@/server/db/audit-list'
import { readSource } from '@/server/db/audit-source'
import { readRecordedWriters } from '@/server/db/catalog/snapshot-writers'
import type { Database } from '@/server/db/database'
import type { FactTable } from '@/server/db/facts/fact-tables'
import { readFactWriters } from '@/server/db/facts/fact-writers'
import { readRecentCommits } from '@/server/db/facts/history-commits'
import { toLakeCommit } from './lake-commit'

/** Entries whose commits are looked up have so many of them at most. */
const MAX_COMMITS = 500

type TableCommit = LakeCommit & Pick<FactTable, 'tableUuid'>

/**
 * The newest commits and actions in one list. A commit from the console or over REST is listed once, as the action. The
 * audit is looked up by snapshot for each of the newest commits, however old its entry is; other actions are looked for
 * among the newest entries.
 *
 * @param tables that are counted: if two catalogs list a table, each of its commits is listed once
 */
export async function readNewestEvents(
  database: Database,
  actor: Actor,
  tables: readonly FactTable[],
  limit: number,
): Promise<Pick<Home, 'events' | 'eventsCompleteSinceMs'>> {
  const { entries, unlistedAtMs } = await listCatalogChanges(database, {
    readable: permittedResources(actor, 'table:read'),
    isReadable: (resource) => isPermitted(actor, 'table:read', resource),
    isListed: hasChangedTarget,
    limit,
  })
  const audited = new Set(entries.flatMap(snapshotIdsOf))
  const commits = await readCommits(database, tables, Math.min(limit + audited.size, MAX_COMMITS))
  // A commit of a branch is in the history twice when it was published.
  const bySnapshot = new Map(commits.toReversed().map((commit) => [commit.snapshotId, commit]))
  const newestCommits = [...bySnapshot.values()]
    .filter(({ snapshotId }) => !audited.has(snapshotId))
    .sort((a, b) => b.atMs - a.atMs)
    .slice(0, limit)
  const commitEntries = await readCommitEntries(database, actor, newestCommits)
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

/** The newest commits in the histories of tables, which are among those with the newest commits. */
async function readCommits(database: Database, tables: readonly FactTable[], limit: number): Promise<TableCommit[]> {
  const newest = tables
    .toSorted((a, b) => (b.lastCommitMs ?? 0) - (a.lastCommitMs ?? 0))
    .slice(0, limit)
    .map((table) => [table.id, table] as const)
  const byId = new Map(newest)
  const commits = await readRecentCommits(database, [...byId.keys()], limit)
  const writers = await readFactWriters(database, [...new Set(commits.flatMap(({ writerId }) => writerId ?? []))])
  const names = new Map(newest.map(([id, { table }]) => [id, table]))
  return commits.flatMap((commit) => {
    const listed = toLakeCommit(commit, { tables: names, writers })
    const tableUuid = byId.get(commit.tableId)?.tableUuid
    return listed === null || tableUuid === undefined ? [] : [{ ...listed, tableUuid }]
  })
}

/** The entries of commits, each once, as the history of their tables has them. */
async function readCommitEntries(
  database: Database,
  actor: Actor,
  commits: readonly TableCommit[],
): Promise<AuditEntry[]> {
  const writers = await readRecordedWriters(database, commits, permittedResources(actor, 'table:read'))
  return readAuditEntries(database, [...new Set(writers.flatMap((writer) => writer?.auditId ?? []))])
}

function snapshotIdsOf({ after }: AuditEntry): string[] {
  return (after?.snapshots ?? []).map(({ snapshotId }) => snapshotId)
}

/** Null for a change of something that the actor may not read. */
function toEvent(entry: AuditEntry, actor: Actor, bySnapshot: ReadonlyMap<string, TableCommit>): LakeEvent | null {
  const added = snapshotIdsOf(entry).flatMap((snapshotId) => bySnapshot.get(snapshotId) ?? [])
  const commit = added.length === 0 ? null : toListedCommit(added.reduce(addUp))
  const resource = entry.table ?? entry.namespace
  const isReadable = resource !== null && isPermitted(actor, 'table:read', resource)
  // The table may have had another name, or another catalog may have recorded the commit.
  const target = isReadable ? { table: null, ...resource } : (commit?.table ?? null)
  if (target === null) return null
  const { atMs, action, via } = entry
  const isView = isOfView(entry)
  return { atMs, target, isView, action, ...readSource(entry), actor: entry.actor.username, via, commit }
}

function toCommitEvent(commit: TableCommit): LakeEvent {
  return {
    atMs: commit.atMs,
    target: commit.table,
    isView: false,
    action: commit.operation,
    source: 'commit',
    job: null,
    actor: commit.writer,
    via: null,
    commit: toListedCommit(commit),
  }
}

function toListedCommit({ tableUuid: _tableUuid, ...commit }: TableCommit): LakeCommit {
  return commit
}

const COUNTS = ['addedRows', 'removedRows', 'addedBytes', 'removedBytes', 'addedFiles', 'removedFiles'] as const

/** The later of two snapshots of a commit, with the counts of both. */
function addUp(earlier: TableCommit, later: TableCommit): TableCommit {
  const counts = COUNTS.map((count) => {
    const [before, added] = [earlier[count], later[count]]
    return [count, before === null || added === null ? null : before + added]
  })
  return { ...later, ...(Object.fromEntries(counts) as Pick<LakeCommit, (typeof COUNTS)[number]>) }
}
