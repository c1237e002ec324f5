import 'server-only'
import type { Keys } from '@/server/auth/keys'
import type { HistoryEntry } from '@/lib/contract/history'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/table-metadata'
import { type Actor, placesOf } from '@/server/auth/actor'
import { type AuditEntry, type AuditState, listAudit, listAuditFrom } from '@/server/db/audit'
import type { Services } from '@/server/services'
import { shownProperty } from './shown-properties'
import { writerOf } from './summary-counts'
import { isUndoable } from './undo'

const PAGE_SIZE = 200

/**
 * Commits, and what was done from the console or over its REST catalog, on one timeline, newest first. A commit that
 * an audit row tells of is listed once, as that row. A page ends where the audit's page ends, so that the two stay in
 * step.
 *
 * @param before cursor of the page before: the place of its last entry, the oldest audit row listed so far, and the
 *   last commit that was listed of that millisecond
 */
export async function historyOf(
  services: Pick<Services, 'database' | 'keys'>,
  metadata: TableMetadata,
  before: string | null,
  actor: Actor,
): Promise<{ entries: HistoryEntry[]; nextBefore: string | null }> {
  const cursor = before === null ? null : cursorFrom(before)
  const database = services.database
  const page = { tableUuid: metadata.tableUuid, limit: PAGE_SIZE, readable: placesOf(actor, 'table:read') }
  const from = cursor === null || cursor.auditId === '' ? null : cursor.auditId
  const audit = await listAudit(database, { ...page, ...(from !== null && { before: from }) })
  // A row may be newer than the snapshot that it tells of by more than what lies between two pages.
  const newerAudit = from === null ? [] : await listAuditFrom(database, { ...page, from })
  const isInAudit = snapshotsIn([...newerAudit, ...audit])
  const isLastAuditPage = audit.length < PAGE_SIZE
  const commits = metadata.snapshots
    .filter((snapshot) => !isInAudit(snapshot))
    .map(fromSnapshot)
    // The newest is the last of them. An audit row stands before the commits of its millisecond.
    .reverse()
    .sort((a, b) => b.placeMs - a.placeMs)
  const unlisted = cursor === null ? commits : commits.slice(listedBefore(commits, cursor))
  const rows = placed(services.keys, audit, cursor, metadata)
  const merged = [...rows, ...unlisted].sort((a, b) => b.placeMs - a.placeMs)
  const oldestAuditMs = rows.at(-1)?.placeMs ?? Number.NEGATIVE_INFINITY
  const complete = isLastAuditPage ? merged : merged.filter(({ placeMs }) => placeMs >= oldestAuditMs)
  const listed = complete.slice(0, PAGE_SIZE)
  const entries = listed.map(({ entry }) => entry)
  const last = listed.at(-1)
  const isAll = isLastAuditPage && listed.length === merged.length
  const lastAuditId = entries.findLast(({ auditId }) => auditId !== null)?.auditId ?? cursor?.auditId ?? ''
  const lastCommit = last?.entry.auditId === null ? last.entry.snapshotId : ''
  return { entries, nextBefore: isAll || !last ? null : `${last.placeMs}.${lastAuditId}.${lastCommit}` }
}

/** An entry, and where it stands on the timeline. */
type Placed = { entry: HistoryEntry; placeMs: number }

/** Audit rows stay in their order: one whose clock was ahead of a later row's stands where that row stands. */
function placed(keys: Keys, audit: readonly AuditEntry[], cursor: Cursor | null, metadata: TableMetadata): Placed[] {
  let placeMs = cursor?.placeMs ?? Number.POSITIVE_INFINITY
  return audit.map((row) => {
    placeMs = Math.min(placeMs, row.atMs)
    return { entry: fromAudit(keys, row, metadata), placeMs }
  })
}

/** How many of the commits, newest first, earlier pages listed. */
function listedBefore(commits: readonly Placed[], { placeMs, snapshotId }: Cursor): number {
  const last = commits.findIndex((commit) => commit.placeMs === placeMs && commit.entry.snapshotId === snapshotId)
  if (last >= 0) return last + 1
  const older = commits.findIndex((commit) => commit.placeMs <= placeMs)
  return older < 0 ? commits.length : older
}

/**
 * Whether one of the rows tells that the snapshot was added. Such a row is named as the snapshot's operation is; others,
 * as a roll back or a tag, lead branches and tags to snapshots that were there.
 */
function snapshotsIn(audit: readonly AuditEntry[]): (snapshot: Snapshot) => boolean {
  const added = new Set(
    audit.flatMap(({ action, after }) =>
      Object.values(after?.refs ?? {}).map((snapshotId) => `${action} ${snapshotId}`),
    ),
  )
  return ({ snapshotId, summary }) => added.has(`${summary.operation ?? 'append'} ${snapshotId}`)
}

type Cursor = { placeMs: number; auditId: string; snapshotId: string }

function cursorFrom(text: string): Cursor {
  const [placeMs = '', auditId = '', snapshotId = ''] = text.split('.')
  return { placeMs: Number(placeMs), auditId, snapshotId }
}

function fromAudit(keys: Keys, entry: AuditEntry, metadata: TableMetadata): HistoryEntry {
  return {
    auditId: entry.id,
    atMs: entry.atMs,
    actor: entry.actor.username,
    source: entry.via ? 'engine' : 'console',
    via: entry.via,
    action: entry.action,
    snapshotId: entry.after?.refs?.main ?? null,
    changes: changesOf(keys, entry, metadata),
    isUndoable: isUndoable(entry, metadata),
  }
}

function changesOf(keys: Keys, { before, after }: AuditEntry, { tableUuid }: TableMetadata): HistoryEntry['changes'] {
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
      before: shownProperty(keys, name, was.before, tableUuid),
      after: shownProperty(keys, name, was.after, tableUuid),
    })),
  ]
}

function fromSnapshot(snapshot: Snapshot): Placed {
  const entry: HistoryEntry = {
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
  return { entry, placeMs: snapshot.timestampMs }
}
