import 'server-only'
import pMap from 'p-map'
import type { HistoryEntry, UndoBlocker } from '@/lib/contract/table/history'
import { columnSettingName } from '@/lib/iceberg/properties/column-settings'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type Actor, permittedResources } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { type AuditEntry, type AuditState, hasHappened } from '@/server/db/audit'
import { listAudit, listAuditFrom } from '@/server/db/audit-list'
import type { TableServices } from '../table-services'
import { readSource } from '@/server/db/audit-source'
import { mayReadAs, shownNames } from '../hidden-names'
import { columnNameOf, layoutChanges } from '../layout-changes'
import { maskProperty } from '../mask-properties'
import { snapshotWriter } from '../summary-counts'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import { createUndoBlockers } from './undo-blocker'

const PAGE_SIZE = 200
/** Entries, of which some look for a file. */
const CHECKED_AT_ONCE = 8

/**
 * Commits and actions from the console or over the REST catalog on one timeline, newest first. A commit that has an
 * audit row is listed once, as that row. A page ends where the audit's page ends, so that the two stay in step.
 *
 * @param before cursor of the previous page: the position of its last entry, the oldest audit row listed so far, and
 *   the last commit that was listed in that millisecond
 */
export async function readHistory(
  services: Pick<TableServices, 'database' | 'keys'>,
  table: LoadedTable,
  before: string | null,
  { actor, catalog, signal }: { actor: Actor; catalog: CatalogClient; signal: AbortSignal },
): Promise<{ entries: HistoryEntry[]; nextBefore: string | null }> {
  const { metadata } = table
  const cursor = before === null ? null : parseCursor(before)
  const database = services.database
  const page = { tableUuid: metadata.tableUuid, limit: PAGE_SIZE, readable: permittedResources(actor, 'table:read') }
  const fromAuditId = cursor === null || cursor.auditId === '' ? null : cursor.auditId
  const audit = await listAudit(database, { ...page, ...(fromAuditId !== null && { before: fromAuditId }) })
  // An audit row can be newer than its snapshot by more than the distance between two pages.
  const newerAudit = fromAuditId === null ? [] : await listAuditFrom(database, { ...page, from: fromAuditId })
  const isAudited = isAddedBy([...newerAudit, ...audit])
  const isLastAuditPage = audit.length < PAGE_SIZE
  const commits = metadata.snapshots
    .filter((snapshot) => !isAudited(snapshot))
    .map(fromSnapshot)
    // Reversed first, because the newest snapshot is the last one. An audit row comes before the commits of its
    // millisecond.
    .reverse()
    .sort((a, b) => b.positionMs - a.positionMs)
  const unlisted = cursor === null ? commits : commits.slice(countListed(commits, cursor))
  const findBlocker = await createUndoBlockers(database, catalog, table, signal)
  const blockers = await pMap(audit, findBlocker, { concurrency: CHECKED_AT_ONCE })
  const blockerById = new Map(audit.map(({ id }, i) => [id, blockers[i] ?? null]))
  const auditRows = toTimeline(audit, { keys: services.keys, actor, cursor, metadata, blockerById })
  const merged = [...auditRows, ...unlisted].sort((a, b) => b.positionMs - a.positionMs)
  const oldestAuditMs = auditRows.at(-1)?.positionMs ?? Number.NEGATIVE_INFINITY
  const reached = isLastAuditPage ? merged : merged.filter(({ positionMs }) => positionMs >= oldestAuditMs)
  const listed = reached.slice(0, PAGE_SIZE)
  const entries = listed.map(({ entry }) => entry)
  const last = listed.at(-1)
  const isLastPage = isLastAuditPage && listed.length === merged.length
  const lastAuditId = entries.findLast(({ auditId }) => auditId !== null)?.auditId ?? cursor?.auditId ?? ''
  const lastCommit = last?.entry.auditId === null ? last.entry.snapshotId : ''
  return { entries, nextBefore: isLastPage || !last ? null : `${last.positionMs}.${lastAuditId}.${lastCommit}` }
}

/** An entry with its position on the timeline. */
type TimelineEntry = { entry: HistoryEntry; positionMs: number }

/** Audit rows keep their order: a row whose clock was ahead of a later row's takes the later row's position. */
function toTimeline(
  audit: readonly AuditEntry[],
  { cursor, ...context }: EntryContext & { cursor: Cursor | null },
): TimelineEntry[] {
  let positionMs = cursor?.positionMs ?? Number.POSITIVE_INFINITY
  return audit.map((row) => {
    positionMs = Math.min(positionMs, row.atMs)
    return { entry: fromAuditEntry(row, context), positionMs }
  })
}

/** How many of the commits, newest first, earlier pages already listed. */
function countListed(commits: readonly TimelineEntry[], { positionMs, snapshotId }: Cursor): number {
  const last = commits.findIndex((commit) => commit.positionMs === positionMs && commit.entry.snapshotId === snapshotId)
  if (last >= 0) return last + 1
  const older = commits.findIndex((commit) => commit.positionMs <= positionMs)
  return older < 0 ? commits.length : older
}

/** Whether an audit row records that the snapshot was added. */
function isAddedBy(audit: readonly AuditEntry[]): (snapshot: Snapshot) => boolean {
  const added = new Set(audit.filter(hasHappened).flatMap(({ after }) => after?.snapshots?.map(idOf) ?? []))
  return (snapshot) => added.has(idOf(snapshot))
}

const idOf = ({ snapshotId }: { snapshotId: string }) => snapshotId

type Cursor = { positionMs: number; auditId: string; snapshotId: string }

function parseCursor(text: string): Cursor {
  const [positionMs = '', auditId = '', snapshotId = ''] = text.split('.')
  return { positionMs: Number(positionMs), auditId, snapshotId }
}

type EntryContext = Pick<TableServices, 'keys'> & {
  actor: Actor
  metadata: TableMetadata
  /** By the id of an entry. */
  blockerById: ReadonlyMap<string, UndoBlocker | null>
}

function fromAuditEntry(entry: AuditEntry, context: EntryContext): HistoryEntry {
  const blocker = context.blockerById.get(entry.id) ?? null
  return {
    auditId: entry.id,
    atMs: entry.atMs,
    actor: entry.actor.username,
    ...readSource(entry),
    via: entry.via,
    action: entry.action,
    snapshotId: entry.after?.refs?.main ?? null,
    snapshots: (entry.after?.snapshots ?? []).map(({ snapshotId, operation }) => ({ snapshotId, operation })),
    changes: toChanges(entry, context),
    published: publishedOf(entry),
    outcome: entry.outcome,
    proposal: toProposal(entry),
    isUndoable: blocker === null,
    undoBlocker: blocker,
    isExpiry: entry.after?.expiry !== undefined,
  }
}

function toProposal({ after }: AuditEntry): HistoryEntry['proposal'] {
  if (after?.proposal === undefined) return null
  const { proposalId, title, proposedBy } = after.proposal
  return { proposalId, title, proposedBy }
}

function publishedOf({ after }: AuditEntry): HistoryEntry['published'] {
  const checks = after?.checks
  return checks === undefined ? null : { snapshotId: checks.snapshotId, passedChecks: [...checks.passed] }
}

function toChanges(entry: AuditEntry, { keys, actor, metadata }: EntryContext): HistoryEntry['changes'] {
  const { before, after } = entry
  const toShownName = shownNames(entry, actor)
  const mayRead = mayReadAs(actor)
  const toSides = (
    kind: HistoryEntry['changes'][number]['kind'],
    pick: (state: AuditState) => Readonly<Record<string, string | null>> | undefined,
  ) => {
    const [valuesBefore, valuesAfter] = [(before && pick(before)) ?? {}, (after && pick(after)) ?? {}]
    return [...new Set([...Object.keys(valuesBefore), ...Object.keys(valuesAfter)])].map((name) => ({
      kind,
      name,
      before: propertyValue(valuesBefore, name),
      after: propertyValue(valuesAfter, name),
    }))
  }
  return [
    ...expiryFigures(after?.expiry),
    ...restoredFigures(after?.restored),
    ...toSides('name', (state) => (state.name === undefined ? undefined : { name: toShownName(state) })),
    ...(after?.layoutChanges ?? layoutChanges(before?.layout ?? {}, after?.layout ?? {}, metadata)),
    ...toSides('ref', ({ refs }) => refs),
    ...toSides('layout', ({ retention }) => retention).map((change) => ({
      ...change,
      name: `retention of ${change.name}`,
    })),
    ...toSides('property', ({ properties }) => properties).map(({ name, ...values }) => {
      const label = columnSettingName(name, (fieldId) => columnNameOf(metadata, fieldId))
      return {
        ...values,
        name,
        ...(label !== null && { label }),
        before: maskProperty(keys, name, values.before, metadata.tableUuid, mayRead),
        after: maskProperty(keys, name, values.after, metadata.tableUuid, mayRead),
      }
    }),
  ]
}

const figure = (name: string, after: string) => ({ kind: 'figure' as const, name, before: null, after })

/** As many ids as an entry shows of the snapshots that a commit added. */
const MAX_SHOWN_IDS = 3

function restoredFigures(restored: AuditState['restored']): HistoryEntry['changes'] {
  if (!restored) return []
  const { snapshotCount, snapshotIds } = restored
  const shown = snapshotIds.slice(0, MAX_SHOWN_IDS)
  const rest = snapshotCount - shown.length
  return [
    figure('Snapshots restored', formatCount(snapshotCount)),
    figure('Restored', `${shown.join(', ')}${rest === 0 ? '' : ` and ${formatCount(rest)} more`}`),
  ]
}

function expiryFigures(expiry: AuditState['expiry']): HistoryEntry['changes'] {
  if (!expiry) return []
  const { snapshotCount, fileCount, sizeBytes } = expiry
  return [
    figure('Snapshots expired', formatCount(snapshotCount)),
    ...(fileCount === null || sizeBytes === null
      ? []
      : [figure('Files that nothing reaches', `${formatCount(fileCount)}, ${formatBytes(sizeBytes)}`)]),
  ]
}

function fromSnapshot(snapshot: Snapshot): TimelineEntry {
  const { snapshotId, summary } = snapshot
  const operation = summary.operation ?? 'unknown'
  const entry: HistoryEntry = {
    auditId: null,
    atMs: snapshot.timestampMs,
    actor: snapshotWriter(snapshot),
    source: 'commit',
    job: null,
    via: null,
    action: operation,
    snapshotId,
    snapshots: [{ snapshotId, operation }],
    changes: [],
    published: null,
    outcome: null,
    proposal: null,
    isUndoable: false,
    undoBlocker: 'not-recorded',
    isExpiry: false,
  }
  return { entry, positionMs: snapshot.timestampMs }
}
