import 'server-only'
import type { HistoryEntry } from '@/lib/contract/history'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/table-metadata'
import { type Actor, placesOf } from '@/server/auth/actor'
import { type AuditEntry, type AuditState, listAudit } from '@/server/db/audit'
import { shownProperty } from './shown-properties'
import { writerOf } from './summary-counts'
import { isUndoable } from './undo'

const PAGE_SIZE = 200

/**
 * Commits, and what was done from the console or over its REST catalog, on one timeline, newest first. A commit that
 * an audit row tells of is listed once, as that row. A page ends where the audit's page ends, so that the two stay in
 * step.
 *
 * @param before cursor of the page before: the time of its last entry, the oldest audit row listed so far, and the last
 *   commit that was listed of that millisecond
 */
export function historyOf(
  metadata: TableMetadata,
  before: string | null,
  actor: Actor,
): { entries: HistoryEntry[]; nextBefore: string | null } {
  const cursor = before === null ? null : cursorFrom(before)
  const audit = listAudit({
    tableUuid: metadata.tableUuid,
    limit: PAGE_SIZE,
    readable: placesOf(actor, 'table:read'),
    ...(cursor && cursor.auditId !== '' && { before: cursor.auditId }),
  })
  const told = toldBy(audit)
  const isLastAuditPage = audit.length < PAGE_SIZE
  const commits = metadata.snapshots
    .filter((snapshot) => !told(snapshot))
    .map(fromSnapshot)
    // The newest is the last of them. What an audit row tells stands before the commits of its millisecond.
    .reverse()
    .sort((a, b) => b.atMs - a.atMs)
  const unlisted = cursor === null ? commits : commits.slice(listedBefore(commits, cursor))
  const merged = [...audit.map((entry) => fromAudit(entry, metadata)), ...unlisted].sort((a, b) => b.atMs - a.atMs)
  const oldestAuditMs = audit.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
  const complete = isLastAuditPage ? merged : merged.filter(({ atMs }) => atMs >= oldestAuditMs)
  const entries = complete.slice(0, PAGE_SIZE)
  const last = entries.at(-1)
  const isAll = isLastAuditPage && entries.length === merged.length
  const lastAuditId = entries.findLast(({ auditId }) => auditId !== null)?.auditId ?? cursor?.auditId ?? ''
  const lastCommit = last?.auditId === null ? last.snapshotId : ''
  return { entries, nextBefore: isAll || !last ? null : `${last.atMs}.${lastAuditId}.${lastCommit}` }
}

/** How many of the commits, newest first, earlier pages listed. */
function listedBefore(commits: readonly HistoryEntry[], { atMs, snapshotId }: Cursor): number {
  const last = commits.findIndex((commit) => commit.atMs === atMs && commit.snapshotId === snapshotId)
  if (last >= 0) return last + 1
  const older = commits.findIndex((commit) => commit.atMs <= atMs)
  return older < 0 ? commits.length : older
}

/**
 * Whether one of the rows tells that the snapshot was added. Such a row is named as the snapshot's operation is; others,
 * as a roll back or a tag, lead branches and tags to snapshots that were there.
 */
function toldBy(audit: readonly AuditEntry[]): (snapshot: Snapshot) => boolean {
  const told = new Set(
    audit.flatMap(({ action, after }) =>
      Object.values(after?.refs ?? {}).map((snapshotId) => `${action} ${snapshotId}`),
    ),
  )
  return ({ snapshotId, summary }) => told.has(`${summary.operation ?? 'append'} ${snapshotId}`)
}

type Cursor = { atMs: number; auditId: string; snapshotId: string }

function cursorFrom(text: string): Cursor {
  const [atMs = '', auditId = '', snapshotId = ''] = text.split('.')
  return { atMs: Number(atMs), auditId, snapshotId }
}

function fromAudit(entry: AuditEntry, metadata: TableMetadata): HistoryEntry {
  return {
    auditId: entry.id,
    atMs: entry.atMs,
    actor: entry.actor.username,
    source: entry.via ? 'engine' : 'console',
    via: entry.via,
    action: entry.action,
    snapshotId: entry.after?.refs?.main ?? null,
    changes: changesOf(entry, metadata),
    isUndoable: isUndoable(entry, metadata),
  }
}

function changesOf({ before, after }: AuditEntry, { tableUuid }: TableMetadata): HistoryEntry['changes'] {
  const sides = (pick: (state: AuditState) => Readonly<Record<string, string | null>> | undefined) => {
    const [was, is] = [(before && pick(before)) ?? {}, (after && pick(after)) ?? {}]
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].map((name) => ({
      name,
      before: propertyValue(was, name),
      after: propertyValue(is, name),
    }))
  }
  return [
    ...sides(({ name }) => (name === undefined ? undefined : { name })),
    ...sides(({ layout }) => layout),
    ...sides(({ refs }) => refs),
    ...sides(({ properties }) => properties).map(({ name, ...was }) => ({
      name,
      before: shownProperty(name, was.before, tableUuid),
      after: shownProperty(name, was.after, tableUuid),
    })),
  ]
}

function fromSnapshot(snapshot: Snapshot): HistoryEntry {
  return {
    auditId: null,
    atMs: snapshot.timestampMs,
    actor: writerOf(snapshot),
    source: 'commit',
    via: null,
    action: snapshot.summary.operation ?? 'unknown',
    snapshotId: snapshot.snapshotId,
    changes: [],
    isUndoable: false,
  }
}
