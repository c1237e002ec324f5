import 'server-only'
import type { LakeCommit } from '@/lib/contract/lake'
import type { LakeEvent } from '@/lib/contract/home'
import { type Actor, isPermitted, permittedResources } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit'
import type { Database } from '@/server/db/database'

/** Audit rows looked through; older ones than the newest events are not needed. */
const MAX_AUDIT_ENTRIES = 200

/** The newest commits and actions on one line of time. A commit made from here or over REST is listed once, as the action. */
export async function readNewestEvents(
  database: Database,
  actor: Actor,
  commits: readonly LakeCommit[],
  limit: number,
): Promise<LakeEvent[]> {
  const bySnapshot = new Map(commits.toReversed().map((commit) => [commit.snapshotId, commit]))
  const auditedSnapshotIds = new Set<string>()
  const readable = permittedResources(actor, 'table:read')
  const entries = await listAudit(database, { limit: MAX_AUDIT_ENTRIES, readable })
  const actions = entries.flatMap((entry): LakeEvent[] => {
    const { after, atMs, action } = entry
    // A run that was cancelled or asked for changes nothing of its table by that.
    if (after?.run || after?.schedule) return []
    const place = entry.table ?? (entry.namespace && { ...entry.namespace, table: null })
    const resource = entry.table ?? entry.namespace
    if (place === null || resource === null || !isPermitted(actor, 'table:read', resource)) return []
    const snapshotIds = Object.values(after?.refs ?? {})
    // Going back to a snapshot does not make it: only the action that made it is named as its operation is.
    const commit = snapshotIds.map((id) => bySnapshot.get(id ?? '')).find((found) => found?.operation === action)
    if (commit) auditedSnapshotIds.add(commit.snapshotId)
    const { via } = entry
    const source = via ? 'engine' : 'console'
    return [{ atMs, place, action, source, who: entry.actor.username, via, commit: commit ?? null }]
  })
  // A table that two catalogs name, as a connection to our own does, has each commit once.
  const unauditedCommits = [...bySnapshot.values()]
    .filter(({ snapshotId }) => !auditedSnapshotIds.has(snapshotId))
    .map(
      (commit): LakeEvent => ({
        atMs: commit.atMs,
        place: commit.place,
        action: commit.operation,
        source: 'commit',
        who: commit.writer,
        via: null,
        commit,
      }),
    )
  return [...actions, ...unauditedCommits].sort((a, b) => b.atMs - a.atMs).slice(0, limit)
}
