import 'server-only'
import type { LakeCommit } from '@/lib/contract/lake'
import type { LakeEvent } from '@/lib/contract/home'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit'

/** Audit rows looked through; older ones than the newest events are not needed. */
const MAX_AUDIT = 200

/** The newest commits and console actions on one line of time. A commit made from here is told once, as the action. */
export function newestEvents(actor: Actor, commits: readonly LakeCommit[], limit: number): LakeEvent[] {
  const bySnapshot = new Map(commits.map((commit) => [commit.snapshotId, commit]))
  const told = new Set<string>()
  const actions = listAudit({ limit: MAX_AUDIT }).flatMap((entry): LakeEvent[] => {
    const { after, atMs, action } = entry
    // A run that was cancelled or asked for changes nothing of its table by that.
    if (after?.run || after?.schedule) return []
    const place = entry.table ?? (entry.namespace && { ...entry.namespace, table: null })
    const resource = entry.table ?? entry.namespace
    if (place === null || resource === null || !isPermitted(actor, 'table:read', resource)) return []
    const snapshotIds = Object.values(after?.refs ?? {})
    const commit = snapshotIds.map((id) => bySnapshot.get(id ?? '')).find((found) => found !== undefined)
    // Going back to a snapshot does not make it: only an append that made it tells of its rows.
    const isItsCommit = commit !== undefined && Math.abs(commit.atMs - atMs) < 60_000
    if (isItsCommit) told.add(commit.snapshotId)
    return [{ atMs, place, action, source: 'console', who: entry.actor.username, commit: isItsCommit ? commit : null }]
  })
  const others = commits
    .filter(({ snapshotId }) => !told.has(snapshotId))
    .map(
      (commit): LakeEvent => ({
        atMs: commit.atMs,
        place: commit.place,
        action: commit.operation,
        source: 'commit',
        who: commit.writer,
        commit,
      }),
    )
  return [...actions, ...others].sort((a, b) => b.atMs - a.atMs).slice(0, limit)
}
