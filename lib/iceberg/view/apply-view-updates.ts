import { AppError } from '@/lib/errors'
import { withoutTrailingSlash } from '../metadata/metadata-json'
import { propertyValue } from '../properties/property-value'
import type { ViewMetadata, ViewVersion, ViewVersionLogEntry } from './view-metadata'
import type { ViewRequirement, ViewUpdate } from './view-update'
import { addSchema, addVersion, setCurrentVersion, type ViewCommitState, type ViewDraft } from './version-updates'
import { requireReadableView } from './readable-view'
import { DEFAULT_HISTORY_SIZE, DROP_DIALECT_PROPERTY, HISTORY_SIZE_PROPERTY } from './view-properties'

/**
 * Applies a commit of a view to its metadata in memory.
 *
 * Spec: Iceberg view spec; REST `open-api`, schema `ViewUpdate`; where both are silent, as the reference
 * implementation.
 */

/** @throws {AppError} commit-conflict with the facts `requirement`, `expected` and `now` */
export function checkViewRequirements({ viewUuid }: ViewMetadata, requirements: readonly ViewRequirement[]): void {
  for (const { type, uuid } of requirements) {
    if (uuid.toLowerCase() === viewUuid.toLowerCase()) continue
    throw new AppError(
      'commit-conflict',
      `Requirement failed: view UUID does not match: expected ${viewUuid} != ${uuid}`,
      { facts: { requirement: type, expected: uuid, current: viewUuid } },
    )
  }
}

/**
 * The metadata after the updates, in their order; `view` itself if they change nothing. Versions beyond
 * `version.history.num-entries` (default 10) are dropped, oldest first, except versions that the commit adds.
 *
 * @throws {AppError} invalid-request
 */
export function applyViewUpdates(
  view: ViewMetadata,
  updates: readonly ViewUpdate[],
  { nowMs }: { nowMs: number },
): ViewMetadata {
  const draft: ViewDraft = { ...view }
  const commit: ViewCommitState = {
    nowMs,
    lastAddedSchemaId: null,
    lastAddedVersionId: null,
    addedVersionIds: new Set(),
  }
  for (const update of updates) applyUpdate(draft, commit, update)
  if ((Object.keys(draft) as (keyof ViewMetadata)[]).every((field) => draft[field] === view[field])) return view
  requireNoDroppedDialects(view, draft)
  const updated = expireVersions(draft, commit)
  requireReadableView(updated)
  return updated
}

function applyUpdate(draft: ViewDraft, commit: ViewCommitState, update: ViewUpdate): void {
  switch (update.action) {
    case 'assign-uuid':
      if (update.uuid.toLowerCase() === draft.viewUuid.toLowerCase()) return
      throw new AppError('invalid-request', 'Cannot reassign uuid')
    case 'upgrade-format-version':
      if (update.formatVersion === draft.formatVersion) return
      throw new AppError('invalid-request', `Unsupported format version: ${update.formatVersion}`)
    case 'add-schema':
      return addSchema(draft, commit, update.schema)
    case 'set-location':
      draft.location = withoutTrailingSlash(update.location)
      return
    case 'set-properties':
      return setProperties(draft, update.updates)
    case 'remove-properties':
      return removeProperties(draft, update.removals)
    case 'add-view-version':
      return addVersion(draft, commit, update.viewVersion)
    case 'set-current-view-version':
      return setCurrentVersion(draft, commit, update.viewVersionId)
  }
}

function setProperties(draft: ViewDraft, updates: Readonly<Record<string, string>>): void {
  const changed = Object.entries(updates).filter(([key, value]) => propertyValue(draft.properties, key) !== value)
  if (changed.length > 0) draft.properties = { ...draft.properties, ...Object.fromEntries(changed) }
}

function removeProperties(draft: ViewDraft, removals: readonly string[]): void {
  const removed = new Set(removals)
  const remaining = Object.entries(draft.properties).filter(([key]) => !removed.has(key))
  if (remaining.length < Object.keys(draft.properties).length) draft.properties = Object.fromEntries(remaining)
}

/** An engine whose dialect is dropped could no longer read the view, so a property has to allow it. */
function requireNoDroppedDialects(before: ViewMetadata, after: ViewDraft): void {
  if (propertyValue(after.properties, DROP_DIALECT_PROPERTY)?.toLowerCase() === 'true') return
  const previous = currentDialects(before)
  const now = currentDialects(after)
  if (previous.every((dialect) => now.includes(dialect))) return
  throw new AppError(
    'invalid-request',
    `Cannot replace view due to loss of view dialects (${DROP_DIALECT_PROPERTY}=false):\n` +
      `Previous dialects: [${previous.join(', ')}]\nNew dialects: [${now.join(', ')}]`,
  )
}

function currentDialects({ versions, currentVersionId }: ViewMetadata): string[] {
  const representations = versions.find(({ versionId }) => versionId === currentVersionId)?.representations ?? []
  return representations.flatMap((representation) =>
    representation.type === 'sql' ? [representation.dialect.toLowerCase()] : [],
  )
}

function expireVersions(draft: ViewDraft, { addedVersionIds }: ViewCommitState): ViewMetadata {
  const minCount = new Set([...addedVersionIds, draft.currentVersionId]).size
  const retainedCount = Math.max(minCount, historySize(draft))
  if (draft.versions.length <= retainedCount) return draft
  const otherIds = draft.versions
    .map(({ versionId }) => versionId)
    .filter((versionId) => versionId !== draft.currentVersionId)
    .toSorted((a, b) => b - a)
  const retainedIds = new Set([draft.currentVersionId, ...otherIds.slice(0, retainedCount - 1)])
  const isRetained = ({ versionId }: ViewVersion | ViewVersionLogEntry): boolean => retainedIds.has(versionId)
  // An entry of a dropped version takes all earlier ones with it, or the one before would seem to have lasted longer.
  const lastGap = draft.versionLog.findLastIndex((entry) => !isRetained(entry))
  return { ...draft, versions: draft.versions.filter(isRetained), versionLog: draft.versionLog.slice(lastGap + 1) }
}

function historySize({ properties }: ViewMetadata): number {
  const text = propertyValue(properties, HISTORY_SIZE_PROPERTY)
  if (text === null) return DEFAULT_HISTORY_SIZE
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text)
  throw new AppError('invalid-request', `${HISTORY_SIZE_PROPERTY} must be positive but was ${text}`, {
    facts: { key: HISTORY_SIZE_PROPERTY },
  })
}
