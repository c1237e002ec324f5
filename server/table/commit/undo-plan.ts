import 'server-only'
import type { MetadataFiles } from '@/server/catalog/metadata-files'
import { AppError } from '@/lib/errors'
import type { UndoBlocker, UndoPreview } from '@/lib/contract/table/history'
import type { Intent } from '@/lib/changes/intents/intent'
import type { SafetyTag } from '@/lib/changes/edits/ref-edits'
import { findConflicts, findProblem, losesSnapshots } from '@/lib/changes/intents/intent-changes'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { isAncestor } from '@/lib/iceberg/metadata/ancestors'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { readEarlierMetadata } from '@/server/catalog/read-earlier-metadata'
import { isDigested, isAuditValueOf, toAuditValueOrNull } from '@/server/catalog/audit-value'
import { type AuditEntry, type AuditState, hasHappened } from '@/server/db/audit'
import { listAudit, readAudit } from '@/server/db/audit-list'
import type { Database } from '@/server/db/database'
import type { TableServices } from '@/server/table/table-services'
import { buildChangeRequest } from './change-request'
import { maskProperty, unmaskBases } from '../mask-properties'
import { readImpact } from './ref-move'

/**
 * How the action of an audit entry is undone: properties get their old values, and branches move back to their earlier tips. The
 * undo is an ordinary commit on top of later ones, and is refused when the same thing was changed since. Safety tags
 * stay; drops, renames and creations of tables cannot be undone.
 */

/** Among so many of the newest entries, the last move of `main` is looked for. */
const MAX_READ_ENTRIES = 200

type PlannedUndo = Awaited<ReturnType<typeof planUndo>> & { catalog: CatalogClient; table: LoadedTable }

/**
 * Reads the effect of a planned undo.
 *
 * @throws {AppError} commit-conflict if a property that grants access no longer has the value that the undo replaces
 */
export async function readUndoPreview(
  { keys, manifestCache }: Pick<TableServices, 'keys' | 'manifestCache'>,
  { entry, catalog, table, intents: planned }: PlannedUndo,
  signal: AbortSignal,
): Promise<UndoPreview> {
  const { tableUuid } = table.metadata
  // A conflict shows values as well, so it is found here, where it masks them.
  const intents = unmaskBases(keys, table.metadata, planned)
  const move = intents.find((intent) => intent.kind === 'set-ref')
  // The request is shown to every reader of the table.
  const shownIntents = intents.map((intent) =>
    intent.kind === 'set-property'
      ? { ...intent, value: maskProperty(keys, intent.key, intent.value, tableUuid) ?? '' }
      : intent,
  )
  const context = { catalog, store: table.store, intents: shownIntents, signal }
  const toShownValue = (key: string, value: string | null) =>
    toAuditValueOrNull(maskProperty(keys, key, value, tableUuid))
  return {
    action: entry.action,
    properties: intents.flatMap((intent) => {
      if (intent.kind !== 'set-property' && intent.kind !== 'remove-property') return []
      const { key: name, base } = intent
      const after = intent.kind === 'set-property' ? intent.value : null
      return [{ name, now: toShownValue(name, base), after: toShownValue(name, after) }]
    }),
    intents: shownIntents.filter(
      ({ kind }) => kind !== 'set-property' && kind !== 'remove-property' && kind !== 'set-ref',
    ),
    impact: move ? await readImpact(manifestCache, table, { ...move, branch: move.refName }, context) : null,
    needsConfirmation: losesSnapshots(table.metadata, intents),
    request: await buildChangeRequest(catalog, table, shownIntents, signal),
  }
}

/**
 * The entry and the intents that undo it, with the values that the table had. They depend on the entry rather than on
 * the current table, so that a later change of the same thing is a conflict.
 *
 * @throws {AppError} not-found if the table has no such entry; not-supported if it cannot be undone, also if a value is
 * too long for the audit and the metadata file that had it was deleted; commit-conflict if `main` has left the tip to
 * which the entry moved it, and come back
 */
export async function planUndo(
  services: Pick<TableServices, 'database' | 'metadataFiles'>,
  table: LoadedTable,
  entryId: string,
  { safetyTag, signal }: { safetyTag: SafetyTag | null; signal: AbortSignal },
) {
  const entry = await readAudit(services.database, entryId)
  if (!entry || entry.tableUuid !== table.metadata.tableUuid) {
    throw new AppError('not-found', 'There is no such entry in the history of this table.', {
      facts: { auditId: entryId },
    })
  }
  if (entry.undoneBy !== null) throw new AppError('not-supported', 'This change was already undone.')
  const { database } = services
  if (isEarlierMove(entry, table.metadata, await findLastMoveId(database, table.metadata.tableUuid))) {
    const text = 'main has moved since this change, and come back. Undo the later change first, or move main yourself.'
    throw new AppError('commit-conflict', text)
  }
  const reverse = withSafetyTag(table.metadata, undoIntents(entry), safetyTag)
  const intents = await restoreFullValues(services.metadataFiles, reverse, entry, table, signal)
  if (intents.length === 0) throw new AppError('not-supported', 'This change cannot be undone.')
  return { entry, intents }
}

/** The newest entry that moved `main`, as {@link undoBlocker} needs it; null if it is not among the newest entries. */
export async function findLastMoveId(database: Database, tableUuid: string): Promise<string | null> {
  const newest = await listAudit(database, { tableUuid, limit: MAX_READ_ENTRIES })
  return newest.find((entry) => hasHappened(entry) && entry.after?.refs?.main !== undefined)?.id ?? null
}

/** Whether the undo needs the metadata file from before the entry, because the audit has no full value. */
export function needsEarlierMetadata(entry: AuditEntry): boolean {
  return undoIntents(entry).some((intent) => intent.kind === 'set-property' && isDigested(intent.value))
}

/**
 * Why the entry cannot be undone now, by the metadata of the table; null if it can, because its changes have not been
 * changed again.
 *
 * @param lastMoveId the newest entry that moved `main`, null if unknown. Only its move can be undone: an older entry
 * may have led to the same tip, and undoing that one would revert more than its own change
 */
export function undoBlocker(entry: AuditEntry, metadata: TableMetadata, lastMoveId: string | null): UndoBlocker | null {
  if (entry.undoneBy !== null) return 'undone'
  if (!hasHappened(entry)) return 'not-committed'
  if (entry.tableUuid !== metadata.tableUuid || undoIntents(entry).length === 0) return 'no-reverse'
  return isStillLast(entry, metadata, lastMoveId) ? null : 'changed-since'
}

/** Whether `main` has left the tip to which the entry moved it, and come back. */
function isEarlierMove(entry: AuditEntry, metadata: TableMetadata, lastMoveId: string | null): boolean {
  const movedTo = entry.after?.refs?.main ?? null
  return movedTo !== null && movedTo === metadata.currentSnapshotId && !isLastMove(entry, metadata, lastMoveId)
}

function isStillLast(entry: AuditEntry, metadata: TableMetadata, lastMoveId: string | null): boolean {
  const movedTo = entry.after?.refs?.main ?? null
  return (
    isStillApplied(entry.after?.properties, (name) =>
      Object.hasOwn(metadata.properties, name) ? metadata.properties[name] : undefined,
    ) &&
    (movedTo === null || movedTo === metadata.currentSnapshotId) &&
    !isEarlierMove(entry, metadata, lastMoveId) &&
    hasSnapshot(metadata, entry.before?.refs?.main) &&
    isStillPossible(entry, metadata)
  )
}

function isLastMove({ id, before }: AuditEntry, { snapshotLog }: TableMetadata, lastMoveId: string | null): boolean {
  // Commits of other engines to an external catalog are in the log only.
  const cameFrom = snapshotLog.at(-2)?.snapshotId
  return (
    (lastMoveId === null || lastMoveId === id) && (cameFrom === undefined || cameFrom === (before?.refs?.main ?? null))
  )
}

/**
 * The intents with full values if the audit only stores digests. Values to be replaced come from the current table;
 * values to be restored come from the metadata that the entry's commit replaced.
 */
async function restoreFullValues(
  metadataFiles: MetadataFiles,
  intents: readonly Intent[],
  { before }: AuditEntry,
  table: LoadedTable,
  signal: AbortSignal,
): Promise<Intent[]> {
  const isShortened = intents.some((intent) => intent.kind === 'set-property' && isDigested(intent.value))
  const location = before?.metadataLocation ?? null
  const earlier =
    isShortened && location !== null ? await readEarlierMetadata(metadataFiles, table, location, signal) : null
  return intents.map((intent): Intent => {
    if (intent.kind !== 'set-property' && intent.kind !== 'remove-property') return intent
    const current = propertyValue(table.metadata.properties, intent.key)
    const base = isAuditValueOf(intent.base, current) ? current : intent.base
    if (intent.kind === 'remove-property' || !isDigested(intent.value)) return { ...intent, base }
    const value = earlier && propertyValue(earlier.properties, intent.key)
    if (value !== null && isAuditValueOf(intent.value, value)) return { ...intent, base, value }
    throw new AppError(
      'not-supported',
      `The earlier value of ${intent.key} is too long for the history, and the metadata file that had it is gone. ` +
        'Nothing was changed. If you have the value, set the property by hand.',
      { facts: { key: intent.key, metadataLocation: location } },
    )
  })
}

/** Whether the entry is of a kind that can be undone, judged by the entry alone. */
export function hasReverse(entry: AuditEntry): boolean {
  return undoIntents(entry).length > 0
}

/** Empty when the entry cannot be undone. */
function undoIntents(entry: AuditEntry): Intent[] {
  const { before, after } = entry
  if (!hasHappened(entry) || !before || !after || before.name !== after.name) return []
  // No intent brings a snapshot back; an expiry has an undo of its own.
  if (after.expiry) return []
  const properties = Object.entries(before.properties ?? {}).map(([key, value]): Intent => {
    const base = after.properties?.[key] ?? null
    return value === null ? { kind: 'remove-property', key, base } : { kind: 'set-property', key, value, base }
  })
  if (after.intents) {
    if (!before.intents) return []
    return [...before.intents, ...properties]
  }
  // A schema or a spec that data was written with since cannot be undone by its id alone.
  if (after.layout) return []
  // An entry without intents does not have all that the undo of other refs needs, and the rest would be half an undo.
  const isOfOtherRefs = Object.keys({ ...before.refs, ...after.refs }).some((name) => name !== MAIN_BRANCH)
  if (isOfOtherRefs || after.retention) return []
  const [from, to] = [after.refs?.main ?? null, before.refs?.main ?? null]
  if (from === null && to === null) return properties
  // The first commit of a table has no earlier tip to go back to.
  if (from === null || to === null) return []
  return [...properties, { kind: 'set-ref', refName: 'main', fromSnapshotId: from, toSnapshotId: to, safetyTag: null }]
}

/**
 * The intents with the tag on the tip that it should keep: of `main` if `main` leaves it, otherwise of the first ref that
 * leaves its tip. Which one that is does not change when the undo is committed, so a repeated request has the same intents.
 */
function withSafetyTag(metadata: TableMetadata, intents: readonly Intent[], safetyTag: SafetyTag | null): Intent[] {
  const moves = intents.filter((intent) => intent.kind === 'set-ref' || intent.kind === 'drop-ref')
  const leaving = moves.filter(
    (intent) =>
      intent.kind === 'drop-ref' ||
      !isAncestor(metadata, { ancestorId: intent.fromSnapshotId, snapshotId: intent.toSnapshotId }),
  )
  const tagged = leaving.find(({ refName }) => refName === MAIN_BRANCH) ?? leaving[0] ?? moves[0]
  return intents.map((intent) => (intent === tagged ? { ...tagged, safetyTag } : intent))
}

function isStillApplied(after: AuditState['properties'], currentValue: (name: string) => string | undefined): boolean {
  return Object.entries(after ?? {}).every(([name, value]) => isAuditValueOf(value, currentValue(name) ?? null))
}

/** Whether the reverse of an entry's intents still fits the table. */
function isStillPossible({ before }: AuditEntry, metadata: TableMetadata): boolean {
  const reverse = before?.intents ?? []
  return findConflicts(metadata, reverse).length === 0 && findProblem(metadata, reverse) === null
}

function hasSnapshot({ snapshots }: TableMetadata, snapshotId: string | null | undefined): boolean {
  return snapshotId === null || snapshotId === undefined || snapshots.some((one) => one.snapshotId === snapshotId)
}
