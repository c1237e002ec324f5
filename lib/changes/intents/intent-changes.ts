import { AppError } from '@/lib/errors'
import { addColumn } from './add-column/change'
import { addPartitionField } from './add-partition-field/change'
import { changeColumnType } from './change-column-type/change'
import { createRef } from './create-ref/change'
import { dropColumn } from './drop-column/change'
import { dropRef } from './drop-ref/change'
import { expireSnapshots } from './expire-snapshots/change'
import { fastForward } from './fast-forward/change'
import { makeColumnOptional } from './make-column-optional/change'
import { moveColumn } from './move-column/change'
import { removePartitionField } from './remove-partition-field/change'
import { removeProperty } from './remove-property/change'
import { renameColumn } from './rename-column/change'
import { renamePartitionField } from './rename-partition-field/change'
import { renameRef } from './rename-ref/change'
import { replaceSortOrder } from './replace-sort-order/change'
import { rollBack } from './roll-back/change'
import { setColumnDoc } from './set-column-doc/change'
import { setCurrentSchema } from './set-current-schema/change'
import { setDefaultSortOrder } from './set-default-sort-order/change'
import { setDefaultSpec } from './set-default-spec/change'
import { setIdentifierFields } from './set-identifier-fields/change'
import { setProperty } from './set-property/change'
import { setRef } from './set-ref/change'
import { setRefRetention } from './set-ref-retention/change'
import { setWriteDefault } from './set-write-default/change'
import { upgradeFormatVersion } from './upgrade-format-version/change'
import { isIrreversible } from './irreversible'
import { handedOverWarning, isNameFreed, renamesBefore } from './make-way'
import { currentSchema } from '../../iceberg/metadata/current-layout'
import { MAIN_BRANCH } from '../../iceberg/metadata/main-branch'
import { isAncestor } from '../../iceberg/metadata/ancestors'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import type { TableChange } from '../../iceberg/commit/table-update'
import { refMove, unreachableIds } from '../impact/ref-move'
import { type Intent, type IntentKind, type IntentOf, intentTarget, isNameTaken } from './intent'
import type { Comparison, IntentChange } from './intent-change'
import { requireFittingRules, requireValidCompression } from '../edits/property-edits'
import { changeOfDraft, draftOf, type TableDraft } from '../edits/table-draft'

const CHANGES: { [Kind in IntentKind]: IntentChange<IntentOf[Kind]> } = {
  'add-column': addColumn,
  'add-partition-field': addPartitionField,
  'change-column-type': changeColumnType,
  'create-ref': createRef,
  'drop-column': dropColumn,
  'drop-ref': dropRef,
  'expire-snapshots': expireSnapshots,
  'fast-forward': fastForward,
  'make-column-optional': makeColumnOptional,
  'move-column': moveColumn,
  'remove-partition-field': removePartitionField,
  'remove-property': removeProperty,
  'rename-column': renameColumn,
  'rename-partition-field': renamePartitionField,
  'rename-ref': renameRef,
  'replace-sort-order': replaceSortOrder,
  'roll-back': rollBack,
  'set-column-doc': setColumnDoc,
  'set-current-schema': setCurrentSchema,
  'set-default-sort-order': setDefaultSortOrder,
  'set-default-spec': setDefaultSpec,
  'set-identifier-fields': setIdentifierFields,
  'set-property': setProperty,
  'set-ref': setRef,
  'set-ref-retention': setRefRetention,
  'set-write-default': setWriteDefault,
  'upgrade-format-version': upgradeFormatVersion,
}

/** An intent whose target another client has changed since the person saw it. */
export type IntentConflict = Comparison & {
  /** Its index in the commit. */
  index: number
  /** The intent based on the current value; null when there is nothing left to change. */
  rebased: Intent | null
}

/**
 * Turns requested changes into a commit. A review and the commit itself both use this code, so that they cannot differ.
 * When another writer commits first, the commit is rebuilt from the newest metadata.
 *
 * @throws {AppError} commit-conflict with the facts `key`, `base`, `current` and `requested` when the table no longer has
 *   the value that the person saw; invalid-request for an invalid intent, or two with one target; already-exists for a
 *   name that is taken; not-found for a column, branch or snapshot that does not exist
 */
export function changeForIntents(metadata: TableMetadata, intents: readonly Intent[]): TableChange {
  if (intents.length === 0) throw new AppError('invalid-request', 'There is nothing to commit')
  requireDistinctTargets(intents)
  const [conflict] = findConflicts(metadata, intents)
  if (conflict) throw conflictError(intents, conflict)
  const draft = draftWithIntents(metadata, intents)
  requireValidCompression(draft)
  requireFittingRules(draft)
  return changeOfDraft(draft)
}

/** Intents whose target another client has changed, each with the values to choose between. */
export function findConflicts(metadata: TableMetadata, intents: readonly Intent[]): IntentConflict[] {
  return intents.flatMap((intent, index) => {
    const comparison = compareOne(intent.kind, metadata, intent)
    if (comparison.base === comparison.current) return []
    if (intent.kind === 'add-column' && isNameFreed(currentSchema(metadata), intents, intent)) return []
    return [{ ...comparison, index, rebased: rebaseOne(intent.kind, metadata, intent) }]
  })
}

/** Warnings to read before the commit, in the order of the intents. */
export function warningsForIntents(metadata: TableMetadata, intents: readonly Intent[]): string[] {
  const warnings = applyInOrder(metadata, intents, (draft, intent) => warningsOf(intent.kind, draft, intent))
  const handedOver = handedOverWarning(currentSchema(metadata), draftWithIntents(metadata, intents).schema)
  // A temporary name lasts no longer than the commit.
  const own = warnings.flatMap((found) => found.at(-1) ?? [])
  return [...new Set(handedOver === null ? own : [...own, handedOver])]
}

/**
 * The results of `look` on the draft before each intent is carried out. An intent has a list, which ends with its own
 * result: renames to temporary names come before it.
 */
function applyInOrder<Found>(
  metadata: TableMetadata,
  intents: readonly Intent[],
  look: (draft: TableDraft, intent: Intent) => Found,
): Found[][] {
  const draft = draftOf(metadata)
  return intents.map((_, index) => {
    const found: Found[] = []
    applyIntent(draft, intents, index, (step) => found.push(look(draft, step)))
    return found
  })
}

/** The table as it would be after the intents, for pages that show it before it is committed. */
export function draftWithIntents(metadata: TableMetadata, intents: readonly Intent[]): TableDraft {
  const draft = draftOf(metadata)
  for (const index of intents.keys()) applyIntent(draft, intents, index)
  return draft
}

/**
 * The intents that undo a commit of these intents, the last one first; null when one of them cannot be undone.
 *
 * @param before the metadata that the commit replaced
 * @param after the metadata of the commit
 */
export function reverseIntents(
  before: TableMetadata,
  after: TableMetadata,
  intents: readonly Intent[],
): readonly Intent[] | null {
  const byTarget = new Map<string, Intent>()
  for (const intent of intents.toReversed()) {
    const reverse = reverseOne(intent.kind, { before, after }, intent)
    if (reverse === null) return null
    byTarget.set(intentTarget(reverse), reverse)
  }
  return [...byTarget.values()]
}

export type IntentProblem = { index: number; error: AppError }

/** The first intent that cannot be carried out on the table as it is; null when all can. Conflicts are not looked for. */
export function findProblem(metadata: TableMetadata, intents: readonly Intent[]): IntentProblem | null {
  return findMisfit(metadata, intents, (draft) => {
    requireValidCompression(draft)
    requireFittingRules(draft)
    changeOfDraft(draft)
  })
}

/**
 * Like {@link findProblem}, but only checks each intent by itself.
 *
 * @param check checks the draft after all of them: its error is shown at the last intent
 */
export function findMisfit(
  metadata: TableMetadata,
  intents: readonly Intent[],
  check?: (draft: TableDraft) => void,
): IntentProblem | null {
  const draft = draftOf(metadata)
  let index = 0
  try {
    for (; index < intents.length; index += 1) applyIntent(draft, intents, index)
    index = intents.length - 1
    check?.(draft)
    return null
  } catch (error) {
    if (error instanceof AppError) return { index, error }
    throw error
  }
}

/**
 * Whether the intents remove snapshots, or make some unreachable from a branch or from all refs. A safety tag does not
 * count for the ref that it replaces, because it expires.
 */
export function losesSnapshots(metadata: TableMetadata, intents: readonly Intent[]): boolean {
  const { refs, removedSnapshotIds } = draftWithIntents(metadata, intents)
  if (removedSnapshotIds.size > 0) return true
  const isMovedOff = Object.entries(metadata.refs).some(([name, { type, snapshotId }]) => {
    const next = refs.get(name)
    if (next === undefined || type === 'tag') return false
    return !isAncestor(metadata, { ancestorId: snapshotId, snapshotId: next.snapshotId })
  })
  if (isMovedOff || unreachableIds(metadata, Object.fromEntries(refs)).length > 0) return true
  return intents.some((intent) => {
    if (intent.kind !== 'drop-ref' && intent.kind !== 'set-ref') return false
    const toSnapshotId = intent.kind === 'set-ref' ? intent.toSnapshotId : null
    const { refName } = intent
    return intent.safetyTag !== null && refMove(metadata, { refName, toSnapshotId }).unreachableSnapshotIds.length > 0
  })
}

/** Whether the name of the table has to be typed before: the commit loses snapshots, or cannot be undone. */
export function needsTypedName(metadata: TableMetadata, intents: readonly Intent[]): boolean {
  return intents.some(isIrreversible) || losesSnapshots(metadata, intents)
}

function requireDistinctTargets(intents: readonly Intent[]): void {
  const targets = new Set<string>()
  for (const intent of intents) {
    const target = intentTarget(intent)
    if (targets.has(target)) throw new AppError('invalid-request', `The commit changes the ${target} twice`)
    targets.add(target)
  }
}

function conflictError(intents: readonly Intent[], { index, base, current: now, requested }: IntentConflict): AppError {
  const intent = intents[index]
  const key = intent === undefined ? '' : conflictKey(intent)
  if (intent !== undefined && isNameTaken(intent, { current: now, requested }))
    return new AppError('commit-conflict', `The name ${now} is taken. Choose another one.`, {
      facts: { key, base, current: now, requested },
    })
  return new AppError('commit-conflict', `${key} was ${quoteValue(base)} and is now ${quoteValue(now)}`, {
    facts: { key, base, current: now, requested },
  })
}

/** The subject of a conflict, for people. */
function conflictKey(intent: Intent): string {
  if (intent.kind === 'roll-back') return MAIN_BRANCH
  if (intent.kind === 'expire-snapshots') return 'The list of snapshots and refs'
  if ('key' in intent) return intent.key
  if ('refName' in intent) return intent.refName
  if ('column' in intent) return intent.column.join('.')
  return intentTarget(intent)
}

function quoteValue(value: string | null): string {
  return value === null ? 'not set' : `“${value}”`
}

/**
 * Carries out an intent on the draft, after the renames that make way for it.
 *
 * @param onStep sees each of them before it is carried out
 * @throws {AppError} when the intent does not fit the draft, which may have changed in part
 */
export function applyIntent(
  draft: TableDraft,
  intents: readonly Intent[],
  index: number,
  onStep?: (intent: Intent) => void,
): void {
  const intent = intents[index]
  if (intent === undefined) throw new AppError('internal', `There is no intent ${index}`)
  for (const step of [...renamesBefore(draft, intents, index), intent]) {
    onStep?.(step)
    applyOne(step.kind, draft, step)
  }
}

function applyOne<Kind extends IntentKind>(kind: Kind, draft: TableDraft, intent: IntentOf[Kind]): void {
  CHANGES[kind].apply(draft, intent)
}

function compareOne<Kind extends IntentKind>(kind: Kind, metadata: TableMetadata, intent: IntentOf[Kind]): Comparison {
  return CHANGES[kind].compare(metadata, intent)
}

function rebaseOne<Kind extends IntentKind>(
  kind: Kind,
  metadata: TableMetadata,
  intent: IntentOf[Kind],
): Intent | null {
  return CHANGES[kind].rebase(metadata, intent)
}

function reverseOne<Kind extends IntentKind>(
  kind: Kind,
  { before, after }: { before: TableMetadata; after: TableMetadata },
  intent: IntentOf[Kind],
): Intent | null {
  return CHANGES[kind].reverse(before, after, intent)
}

function warningsOf<Kind extends IntentKind>(kind: Kind, draft: TableDraft, intent: IntentOf[Kind]): readonly string[] {
  return CHANGES[kind].warnings?.(draft, intent) ?? []
}
