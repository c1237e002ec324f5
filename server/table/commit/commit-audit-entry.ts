import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import { reverseIntents } from '@/lib/changes/intents/intent-changes'
import { retentionOf } from '@/lib/changes/edits/ref-edits'
import { retentionLabel } from '@/lib/changes/intents/set-ref-retention/describe'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { parseColumnSettingKey } from '@/lib/iceberg/properties/column-settings'
import type { Actor } from '@/server/auth/actor'
import type { CommittedTable } from '@/server/catalog/port/catalog-write'
import type { WritePlan } from '@/server/catalog/port/catalog-write'
import type { AuditState, NewAuditEntry } from '@/server/db/audit'
import { toAuditValue } from '@/server/catalog/audit-value'
import { columnNameOf, layoutChanges } from '../layout-changes'
import { type Difference, findDifferences, pickSide } from './audit-differences'

type AuditedCommit = {
  actor: Actor
  action: string
  requestId: string | null
  undoes?: string | null
  /** The intents of the commit. */
  intents?: readonly Intent[]
  expiry?: AuditState['expiry']
  /** The checks that passed on the published commits. */
  checks?: AuditState['checks']
  /** The columns and fields that a load did not fill or read. */
  fields?: AuditState['fields']
  /** Whether snapshots that the table gains are earlier ones of other commits. */
  hasEarlierSnapshots?: boolean
}

/** The plan of a commit or of a table's creation, whose audit entry will be that of {@link commitAuditEntry}. */
export function commitPlan(table: TableIdentifier, auditId: string, audited: AuditedCommit): WritePlan {
  return {
    auditId,
    entry: plannedCommitEntry(table, audited),
    toEntry: (expected) => commitAuditEntry(expected, audited),
  }
}

/** The audit entry of a commit as far as it is known before: {@link commitAuditEntry} adds what it changed. */
export function plannedCommitEntry(table: TableIdentifier, audited: AuditedCommit): NewAuditEntry {
  const { actor, action, requestId, undoes = null } = audited
  return { actor, via: actor.via ?? null, action, table, requestId, undoes }
}

/** The audit entry of a commit: only the differences between the metadata before and after. */
export function commitAuditEntry(
  { before, after }: CommittedTable,
  {
    actor,
    action,
    requestId,
    undoes = null,
    intents = [],
    expiry,
    checks,
    fields,
    hasEarlierSnapshots = false,
  }: AuditedCommit,
): NewAuditEntry {
  const properties = findDifferences(before?.metadata.properties ?? {}, after.metadata.properties)
  const refs = findDifferences(before ? snapshotIds(before.metadata) : {}, snapshotIds(after.metadata))
  const retention = findDifferences(before ? retentions(before.metadata) : {}, retentions(after.metadata))
  const layout = findDifferences(before ? layoutIds(before.metadata) : {}, layoutIds(after.metadata))
  const added = listAddedSnapshots(before?.metadata ?? null, after.metadata)
  const snapshots = hasEarlierSnapshots ? [] : added.slice(-MAX_AUDITED_SNAPSHOTS)
  const restored = before && hasEarlierSnapshots && undoes !== null ? added.map(({ snapshotId }) => snapshotId) : []
  const removed = before ? listRemovedSnapshots(before.metadata, after.metadata) : []
  const hasSnapshotCounts = removed.length > 0 || hasEarlierSnapshots
  const audited = before ? auditedIntents(before.metadata, after.metadata, intents) : null
  const columnNames = namesOfSetColumns(after.metadata, properties)
  const state = (side: 0 | 1, metadataLocation: string): AuditState => ({
    metadataLocation,
    ...(before && layout.length > 0 && { layout: pickSide(layout, side) }),
    ...(properties.length > 0 && { properties: pickSide(properties, side) }),
    ...(refs.length > 0 && { refs: pickSide(refs, side) }),
    ...(retention.length > 0 && { retention: pickSide(retention, side) }),
    ...(audited?.[side] && { intents: audited[side] }),
  })
  return {
    actor,
    via: actor.via ?? null,
    action,
    table: after.identifier,
    tableUuid: after.metadata.tableUuid,
    before: before && {
      ...state(0, before.metadataLocation),
      ...(hasSnapshotCounts && { snapshotCount: before.metadata.snapshots.length }),
    },
    after: {
      ...state(1, after.metadataLocation),
      ...(before &&
        layout.length > 0 &&
        describedLayout(pickSide(layout, 0), pickSide(layout, 1), after.metadata, movedColumns(intents))),
      ...(columnNames && { columnNames }),
      ...(snapshots.length > 0 && { snapshots }),
      ...(before && hasSnapshotCounts && { snapshotCount: after.metadata.snapshots.length }),
      ...(removed.length > 0 && {
        removedUntilMs: removed.reduce((newest, { timestampMs }) => Math.max(newest, timestampMs), 0),
      }),
      ...(restored.length > 0 && {
        restored: { snapshotCount: restored.length, snapshotIds: restored.slice(-MAX_AUDITED_SNAPSHOTS) },
      }),
      ...(expiry && { expiry }),
      ...(checks && { checks }),
      ...(fields && Object.keys(fields).length > 0 && { fields }),
    },
    requestId,
    undoes,
  }
}

/** A commit that adds more is listed with these, and its other snapshots as commits of unknown actors. */
const MAX_AUDITED_SNAPSHOTS = 100

function listAddedSnapshots(
  before: TableMetadata | null,
  after: TableMetadata,
): { snapshotId: string; operation: string }[] {
  const known = new Set(before?.snapshots.map(({ snapshotId }) => snapshotId))
  return after.snapshots
    .filter(({ snapshotId }) => !known.has(snapshotId))
    .map(({ snapshotId, summary }) => ({ snapshotId, operation: summary.operation ?? 'append' }))
}

function listRemovedSnapshots(before: TableMetadata, after: TableMetadata): TableMetadata['snapshots'] {
  const remaining = new Set(after.snapshots.map(({ snapshotId }) => snapshotId))
  return before.snapshots.filter(({ snapshotId }) => !remaining.has(snapshotId))
}

/** Longer intents are left out: the entry then lists what changed, and cannot be undone. */
const MAX_AUDITED_CHARS = 65_536

/**
 * The intents and their reverse, except for properties: those are audited with values that may be cut or hidden. Null
 * if nothing else changed.
 */
function auditedIntents(
  before: TableMetadata,
  after: TableMetadata,
  intents: readonly Intent[],
): [readonly Intent[] | null, readonly Intent[]] | null {
  const done = intents.filter(({ kind }) => kind !== 'set-property' && kind !== 'remove-property')
  if (done.length === 0) return null
  const reverse = reverseIntents(before, after, done)
  return JSON.stringify([done, reverse]).length > MAX_AUDITED_CHARS ? null : [reverse, done]
}

/** The layout as the history tells it: the audit alone has only the ids of schemas, specs and orders. */
function describedLayout(...args: Parameters<typeof layoutChanges>): Pick<AuditState, 'layoutChanges'> {
  const changes = layoutChanges(...args)
  return JSON.stringify(changes).length > MAX_AUDITED_CHARS ? {} : { layoutChanges: changes }
}

/** The columns that a person moved: the order of two schemas alone does not say which of two neighbours was. */
function movedColumns(intents: readonly Intent[]): ReadonlySet<number> {
  return new Set(intents.flatMap((intent) => (intent.kind === 'move-column' ? [intent.fieldId] : [])))
}

/** The columns whose own settings changed, as they are named now; null if there are none. */
function namesOfSetColumns(
  metadata: TableMetadata,
  properties: readonly Difference[],
): Readonly<Record<string, string>> | null {
  const names = properties.flatMap(({ name }) => {
    const fieldId = parseColumnSettingKey(name)?.fieldId
    const column = fieldId === undefined ? null : columnNameOf(metadata, fieldId)
    return fieldId === undefined || column === null ? [] : [[String(fieldId), toAuditValue(column)]]
  })
  return names.length === 0 ? null : Object.fromEntries(names)
}

type Texts = Readonly<Record<string, string>>

function snapshotIds({ refs }: TableMetadata): Texts {
  return Object.fromEntries(Object.entries(refs).map(([name, { snapshotId }]) => [name, snapshotId]))
}

function retentions({ refs }: TableMetadata): Texts {
  return Object.fromEntries(
    Object.entries(refs).flatMap(([name, ref]) => {
      const retention = retentionOf(ref)
      return Object.values(retention).every((limit) => limit === null) ? [] : [[name, retentionLabel(retention)]]
    }),
  )
}

/** The format version of a table, and the ids of the schema, partition spec and sort order that it writes with. */
function layoutIds({ formatVersion, currentSchemaId, defaultSpecId, defaultSortOrderId }: TableMetadata): Texts {
  return {
    'format version': String(formatVersion),
    schema: `id ${currentSchemaId}`,
    'partition spec': `id ${defaultSpecId}`,
    'sort order': `id ${defaultSortOrderId}`,
  }
}
