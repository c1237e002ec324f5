import { AppError } from '@/lib/errors'
import {
  CODEC_PROPERTY,
  codecLevelRange,
  LEVEL_PROPERTY,
  levelProblem,
  tableCompression,
} from '../properties/compression'
import { propertyValue } from '../properties/property-value'
import type { Intent, RemoveProperty, RollBack, SetProperty, SetRef } from './intent'
import { MAIN_BRANCH } from '../metadata/metadata-json'
import { ancestorIds, findRef } from '../metadata/snapshot-graph'
import type { SnapshotRef, TableMetadata } from '../metadata/table-metadata'
import { isReservedProperty, propertyValueProblem } from '../properties/table-properties'
import type { TableChange, TableUpdate, UpdateRequirement } from './table-update'

/**
 * From what a person wants to the commit that does it. A review and the commit itself both come from here, so that
 * they cannot differ; the commit is made again from the newest metadata when another writer was first.
 */

/**
 * @throws {AppError} commit-conflict with the facts `key`, `base`, `now` and `wanted` when what the person saw is no
 *   longer so; invalid-request for what cannot be wanted; already-exists when the safety tag's name is taken;
 *   not-found for a branch or snapshot that is not there
 */
export function changeForIntents(metadata: TableMetadata, intents: readonly Intent[]): TableChange {
  if (intents.length === 0) throw new AppError('invalid-request', 'There is nothing to commit')
  const requirements: UpdateRequirement[] = [{ type: 'assert-table-uuid', uuid: metadata.tableUuid }]
  const updates: TableUpdate[] = propertyUpdates(metadata, intents)
  const movedRefs = new Set<string>()
  for (const intent of intents) {
    if (intent.kind !== 'roll-back' && intent.kind !== 'set-ref') continue
    const refName = intent.kind === 'roll-back' ? MAIN_BRANCH : intent.refName
    if (movedRefs.has(refName)) throw new AppError('invalid-request', `The branch ${refName} is moved twice`)
    movedRefs.add(refName)
    requirements.push({ type: 'assert-ref-snapshot-id', ref: refName, snapshotId: intent.fromSnapshotId })
    if (intent.kind === 'roll-back' && intent.safetyTag !== null) {
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
      throw new AppError('invalid-request', `The property ${intent.key} is changed twice`)
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
    throw new AppError('invalid-request', 'A property needs a name without spaces around it')
  }
  if (isReservedProperty(key)) {
    throw new AppError('invalid-request', `${key} is said by the table’s metadata and cannot be set as a property`, {
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
  throw new AppError('commit-conflict', `${key} was ${quoteValue(base)} and is ${quoteValue(now)} now`, {
    facts: { key, base, now, wanted },
  })
}

/** The level has a meaning only with its codec, so both are judged as they will be together. */
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
  // A level left over from another codec may stay where the new one has none: engines pass it over.
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
    throw new AppError('invalid-request', `A roll-back goes to an ancestor, which ${toSnapshotId} is not`, {
      facts: { fromSnapshotId, toSnapshotId },
    })
  }
  const move: TableUpdate = { ...main, action: 'set-snapshot-ref', refName: MAIN_BRANCH, snapshotId: toSnapshotId }
  return safetyTag === null ? [move] : [tagUpdate(metadata, safetyTag, fromSnapshotId), move]
}

function tagUpdate(
  metadata: TableMetadata,
  { name, maxRefAgeMs }: { name: string; maxRefAgeMs: number | null },
  snapshotId: string,
): TableUpdate {
  if (name.trim() === '' || name !== name.trim()) {
    throw new AppError('invalid-request', 'A tag needs a name without spaces around it')
  }
  if (name === MAIN_BRANCH || findRef(metadata, name) !== null) {
    throw new AppError('already-exists', `The table has a branch or tag ${name} already`, { facts: { refName: name } })
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
  const { refName, toSnapshotId } = intent
  const ref = requireUnmovedRef(metadata, intent)
  if (ref.type === 'tag') throw new AppError('invalid-request', `${refName} is a tag and stays where it is`)
  if (!metadata.snapshots.some((snapshot) => snapshot.snapshotId === toSnapshotId)) {
    throw new AppError('not-found', `The table has no snapshot ${toSnapshotId}; it may have expired`, {
      facts: { snapshotId: toSnapshotId },
    })
  }
  return [{ ...ref, action: 'set-snapshot-ref', refName, snapshotId: toSnapshotId }]
}

type RefMove = { refName: string; fromSnapshotId: string; toSnapshotId: string }

/** The ref as it is, with its retention, once it is sure that nobody moved it. */
function requireUnmovedRef(metadata: TableMetadata, { refName, fromSnapshotId, toSnapshotId }: RefMove): SnapshotRef {
  const ref = findRef(metadata, refName)
  if (ref === null) throw new AppError('not-found', `The table has no branch ${refName}`, { facts: { refName } })
  if (ref.snapshotId !== fromSnapshotId) {
    throw new AppError('commit-conflict', `${refName} was at ${fromSnapshotId} and is at ${ref.snapshotId} now`, {
      facts: { key: refName, base: fromSnapshotId, now: ref.snapshotId, wanted: toSnapshotId },
    })
  }
  return ref
}

function quoteValue(value: string | null): string {
  return value === null ? 'not set' : `“${value}”`
}
