import { AppError } from '@/lib/errors'
import {
  CODEC_PROPERTY,
  codecLevelRange,
  LEVEL_PROPERTY,
  levelProblem,
  tableCompression,
} from '../properties/compression'
import { propertyValue } from '../properties/property-value'
import type { Intent, RemoveProperty, RollBack, SafetyTag, SetProperty, SetRef } from './intent'
import { MAIN_BRANCH } from '../metadata/metadata-json'
import { ancestorIds, findRef } from '../metadata/snapshot-graph'
import type { SnapshotRef, TableMetadata } from '../metadata/table-metadata'
import { propertyValueProblem } from '../properties/property-problem'
import { isReservedProperty } from '../properties/table-properties'
import type { TableChange, TableUpdate, UpdateRequirement } from './table-update'

/**
 * Turns what a person wants changed into a commit. A review and the commit itself both use this code, so that they
 * cannot differ. When another writer commits first, the commit is rebuilt from the newest metadata.
 */

/**
 * @throws {AppError} commit-conflict with the facts `key`, `base`, `now` and `wanted` when the table no longer has what
 *   the person saw; invalid-request for an invalid intent; already-exists when the safety tag's name is taken;
 *   not-found for a branch or snapshot that does not exist
 */
export function changeForIntents(metadata: TableMetadata, intents: readonly Intent[]): TableChange {
  if (intents.length === 0) throw new AppError('invalid-request', 'There is nothing to commit')
  const requirements: UpdateRequirement[] = [{ type: 'assert-table-uuid', uuid: metadata.tableUuid }]
  const updates: TableUpdate[] = propertyUpdates(metadata, intents)
  const movedRefs = new Set<string>()
  for (const intent of intents) {
    if (intent.kind !== 'roll-back' && intent.kind !== 'set-ref') continue
    const refName = intent.kind === 'roll-back' ? MAIN_BRANCH : intent.refName
    if (movedRefs.has(refName)) throw new AppError('invalid-request', `The commit moves the branch ${refName} twice`)
    movedRefs.add(refName)
    requirements.push({ type: 'assert-ref-snapshot-id', ref: refName, snapshotId: intent.fromSnapshotId })
    if (intent.safetyTag !== null) {
      requirements.push({ type: 'assert-ref-snapshot-id', ref: intent.safetyTag.name, snapshotId: null })
    }
    updates.push(...(intent.kind === 'roll-back' ? rollBackUpdates(metadata, intent) : setRefUpdates(metadata, intent)))
  }
  return { requirements, updates }
}

function propertyUpdates(metadata: TableMetadata, intents: readonly Intent[]): TableUpdate[] {
  const intentsByKey = new Map<string, SetProperty | RemoveProperty>()
  for (const intent of intents) {
    if (intent.kind !== 'set-property' && intent.kind !== 'remove-property') continue
    if (intentsByKey.has(intent.key))
      throw new AppError('invalid-request', `The commit changes the property ${intent.key} twice`)
    intentsByKey.set(intent.key, intent)
    requireSettableProperty(intent)
    requireUnchangedProperty(metadata, intent)
  }
  const changes = [...intentsByKey.values()]
  const sets = changes.filter((intent) => intent.kind === 'set-property')
  const removals = changes.filter((intent) => intent.kind === 'remove-property').map((intent) => intent.key)
  requireValidCompression(metadata, { sets, removals })
  return [
    ...(sets.length > 0
      ? [{ action: 'set-properties' as const, updates: Object.fromEntries(sets.map(({ key, value }) => [key, value])) }]
      : []),
    ...(removals.length > 0 ? [{ action: 'remove-properties' as const, removals }] : []),
  ]
}

function requireSettableProperty(intent: SetProperty | RemoveProperty): void {
  const { key } = intent
  if (key.trim() === '' || key !== key.trim()) {
    throw new AppError('invalid-request', 'A property name must not be empty or have spaces around it')
  }
  if (isReservedProperty(key)) {
    throw new AppError('invalid-request', `${key} is part of the table’s metadata and cannot be set as a property`, {
      facts: { key },
    })
  }
  const problem = intent.kind === 'set-property' ? propertyValueProblem(key, intent.value) : null
  if (problem !== null) throw new AppError('invalid-request', `${key} ${problem}`, { facts: { key } })
}

function requireUnchangedProperty(metadata: TableMetadata, intent: SetProperty | RemoveProperty): void {
  const { key, base } = intent
  const now = propertyValue(metadata.properties, key)
  if (now === base) return
  const wanted = intent.kind === 'set-property' ? intent.value : null
  throw new AppError('commit-conflict', `${key} was ${quoteValue(base)} and is now ${quoteValue(now)}`, {
    facts: { key, base, now, wanted },
  })
}

/** A level is valid only for a codec, so both are checked together, as they will be after the commit. */
function requireValidCompression(
  { properties }: TableMetadata,
  { sets, removals }: { sets: readonly SetProperty[]; removals: readonly string[] },
): void {
  const changedKeys = new Set([...sets.map(({ key }) => key), ...removals])
  if (!changedKeys.has(CODEC_PROPERTY) && !changedKeys.has(LEVEL_PROPERTY)) return
  const after = Object.fromEntries([
    ...Object.entries(properties).filter(([key]) => !removals.includes(key)),
    ...sets.map(({ key, value }): [string, string] => [key, value]),
  ])
  const { [LEVEL_PROPERTY]: level, ...rest } = after
  const { codec } = tableCompression(rest)
  if (level === undefined) return
  const problem = levelProblem(codec, level)
  // A level left over from another codec may stay when the new codec has no levels: engines ignore it.
  const isLeftOver = !changedKeys.has(LEVEL_PROPERTY) && codecLevelRange(codec) === null
  if (problem !== null && !isLeftOver) {
    throw new AppError('invalid-request', `${LEVEL_PROPERTY} ${problem}`, {
      facts: { key: LEVEL_PROPERTY, codec, level },
    })
  }
}

function rollBackUpdates(metadata: TableMetadata, intent: RollBack): TableUpdate[] {
  const { fromSnapshotId, toSnapshotId, safetyTag } = intent
  const main = requireUnmovedRef(metadata, { refName: MAIN_BRANCH, fromSnapshotId, toSnapshotId })
  if (toSnapshotId === fromSnapshotId || !ancestorIds(metadata, fromSnapshotId).includes(toSnapshotId)) {
    throw new AppError(
      'invalid-request',
      `main can only be rolled back to an ancestor of its tip, and snapshot ${toSnapshotId} is not one`,
      {
        facts: { fromSnapshotId, toSnapshotId },
      },
    )
  }
  const move: TableUpdate = { ...main, action: 'set-snapshot-ref', refName: MAIN_BRANCH, snapshotId: toSnapshotId }
  return [...safetyTagUpdates(metadata, safetyTag, fromSnapshotId), move]
}

function safetyTagUpdates(metadata: TableMetadata, safetyTag: SafetyTag | null, snapshotId: string): TableUpdate[] {
  return safetyTag === null ? [] : [tagUpdate(metadata, safetyTag, snapshotId)]
}

function tagUpdate(metadata: TableMetadata, { name, maxRefAgeMs }: SafetyTag, snapshotId: string): TableUpdate {
  if (name.trim() === '' || name !== name.trim()) {
    throw new AppError('invalid-request', 'A tag name must not be empty or have spaces around it')
  }
  if (name === MAIN_BRANCH || findRef(metadata, name) !== null) {
    throw new AppError('already-exists', `The table already has a branch or tag ${name}`, { facts: { refName: name } })
  }
  return {
    action: 'set-snapshot-ref',
    refName: name,
    type: 'tag',
    snapshotId,
    ...(maxRefAgeMs !== null && { maxRefAgeMs }),
  }
}

function setRefUpdates(metadata: TableMetadata, intent: SetRef): TableUpdate[] {
  const { refName, fromSnapshotId, toSnapshotId, safetyTag } = intent
  const ref = requireUnmovedRef(metadata, intent)
  if (ref.type === 'tag') throw new AppError('invalid-request', `${refName} is a tag, and tags cannot be moved`)
  if (!metadata.snapshots.some((snapshot) => snapshot.snapshotId === toSnapshotId)) {
    throw new AppError('not-found', `The table has no snapshot ${toSnapshotId}; it may have expired`, {
      facts: { snapshotId: toSnapshotId },
    })
  }
  return [
    ...safetyTagUpdates(metadata, safetyTag, fromSnapshotId),
    { ...ref, action: 'set-snapshot-ref', refName, snapshotId: toSnapshotId },
  ]
}

type RefMove = { refName: string; fromSnapshotId: string; toSnapshotId: string }

/** The current ref, with its retention, after checking that no other writer has moved it. */
function requireUnmovedRef(metadata: TableMetadata, { refName, fromSnapshotId, toSnapshotId }: RefMove): SnapshotRef {
  const ref = findRef(metadata, refName)
  if (ref === null) throw new AppError('not-found', `The table has no branch ${refName}`, { facts: { refName } })
  if (ref.snapshotId !== fromSnapshotId) {
    throw new AppError(
      'commit-conflict',
      `${refName} was at snapshot ${fromSnapshotId} and is now at ${ref.snapshotId}`,
      {
        facts: { key: refName, base: fromSnapshotId, now: ref.snapshotId, wanted: toSnapshotId },
      },
    )
  }
  return ref
}

function quoteValue(value: string | null): string {
  return value === null ? 'not set' : `“${value}”`
}
