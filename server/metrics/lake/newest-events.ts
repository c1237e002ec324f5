import 'server-only'
import type { LakeCommit } from '@/lib/contract/shapes/lake'
import type { LakeEvent } from '@/lib/contract/home'
import { type Actor, isPermitted, permittedResources } from '@/server/auth/actor'
import { hasHappened, isOfView } from '@/server/db/audit'
import { listAudit } from '@/server/db/audit-list'
import { readSource } from '@/server/db/audit-source'
import type { Database } from '@/server/db/database'

/** How many audit rows are read; older ones cannot be among the newest events. */
const MAX_AUDIT_ENTRIES = 200

/** The newest commits and actions in one list. A commit from the console or over REST is listed once, as the action. */
export async function readNewestEvents(
  database: Database,
  actor: Actor,
  commits: readonly LakeCommit[],
  limit: number,
): Promise<LakeEvent[]> {
  const bySnapshot = new Map(commits.toReversed().map((commit) => [commit.snapshotId, commit]))
  const auditedSnapshotIds = new Set<string>()
  const readable = permittedResources(actor, 'table:read')
  const entries = await listAudit(database, { limit: MAX_AUDIT_ENTRIES, readable, isOfCatalog: true })
  const actions = entries.flatMap((entry): LakeEvent[] => {
    const { after, atMs, action } = entry
    if (!hasHappened(entry)) return []
    // Queuing or cancelling a run does not change its table.
    if (after?.run || after?.schedule) return []
    const target = entry.table ?? (entry.namespace && { ...entry.namespace, table: null })
    const resource = entry.table ?? entry.namespace
    if (target === null || resource === null || !isPermitted(actor, 'table:read', resource)) return []
    const added = (after?.snapshots ?? []).flatMap(({ snapshotId }) => bySnapshot.get(snapshotId) ?? [])
    for (const { snapshotId } of added) auditedSnapshotIds.add(snapshotId)
    const commit = added.length === 0 ? null : added.reduce(addUp)
    const { via } = entry
    const isView = isOfView(entry)
    return [{ atMs, target, isView, action, ...readSource(entry), actor: entry.actor.username, via, commit }]
  })
  // If two catalogs list a table, such as a connection to our own, each of its commits is listed once.
  const unauditedCommits = [...bySnapshot.values()]
    .filter(({ snapshotId }) => !auditedSnapshotIds.has(snapshotId))
    .map(
      (commit): LakeEvent => ({
        atMs: commit.atMs,
        target: commit.table,
        isView: false,
        action: commit.operation,
        source: 'commit',
        job: null,
        actor: commit.writer,
        via: null,
        commit,
      }),
    )
  return [...actions, ...unauditedCommits].sort((a, b) => b.atMs - a.atMs).slice(0, limit)
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
