import { AppError } from '@/lib/errors'
import { propertyValue } from '../../iceberg/properties/property-value'
import { findEqualSchema } from '../../iceberg/schema/find-equal-schema'
import { isSqlIn } from '../../iceberg/view/sql-of'
import {
  findDraftProblems,
  findPropertyProblems,
  keepFieldIds,
  requireNoViewProblems,
  type ViewVersionDraft,
} from './view-draft'
import type { ViewMetadata, ViewRepresentation, ViewVersion } from '../../iceberg/view/view-metadata'
import { versionContent } from '../../iceberg/view/version-updates'
import { DROP_DIALECT_PROPERTY } from '../../iceberg/view/view-properties'
import type { ViewChange, ViewUpdate } from '../../iceberg/view/view-update'
import { LAST_ADDED } from '@/lib/iceberg/metadata/last-added'

/** A change of a view. */
export type ViewEdit =
  /** A new version. `retainedDialects` and representations that are not SQL are taken over unchanged. */
  | (ViewVersionDraft & { kind: 'replace'; baseVersionId: number; retainedDialects: readonly string[] })
  | { kind: 'roll-back'; baseVersionId: number; versionId: number }
  | { kind: 'properties'; changes: readonly ViewPropertyChange[] }

/** A property, the value that the person saw, and the value it gets; null: not set. */
export type ViewPropertyChange = { name: string; base: string | null; value: string | null }

type EditOptions = {
  nowMs: number
  /** The summary of a new version: its writer. */
  summary: Readonly<Record<string, string>>
  /** The value of a property as the person saw it. */
  shownValue?: (name: string, value: string | null) => string | null
}

/**
 * The commit of an edit.
 *
 * @throws {AppError} version-conflict when the view has another version, or a property another value, than the person
 *   saw; invalid-request for what no view can be
 */
export function changeOfEdit(view: ViewMetadata, edit: ViewEdit, options: EditOptions): ViewChange {
  return {
    requirements: [{ type: 'assert-view-uuid', uuid: view.viewUuid }],
    updates: edit.kind === 'properties' ? propertyUpdates(view, edit.changes, options) : updatesOf(view, edit, options),
  }
}

function updatesOf(
  view: ViewMetadata,
  edit: Extract<ViewEdit, { kind: 'replace' | 'roll-back' }>,
  options: EditOptions,
): ViewUpdate[] {
  const current = requireBase(view, edit.baseVersionId)
  if (edit.kind === 'roll-back') {
    const target = findVersion(view, edit.versionId)
    if (target === null) throw new AppError('invalid-request', `The view no longer has a version ${edit.versionId}.`)
    if (target === current) throw new AppError('invalid-request', `Version ${edit.versionId} is current already.`)
    return [
      ...allowLoss(view, current, target.representations),
      { action: 'set-current-view-version', viewVersionId: target.versionId },
    ]
  }
  requireNoViewProblems(findDraftProblems(edit, edit.retainedDialects))
  const representations = mergeRepresentations(current, edit)
  const before = view.schemas.find(({ schemaId }) => schemaId === current.schemaId) ?? null
  const schema = keepFieldIds(edit.schema, before)
  const equalSchema = findEqualSchema(view.schemas, schema)
  const viewVersion: ViewVersion = {
    versionId: Math.max(...view.versions.map(({ versionId }) => versionId)) + 1,
    timestampMs: options.nowMs,
    schemaId: equalSchema?.schemaId ?? LAST_ADDED,
    summary: options.summary,
    representations,
    defaultCatalog: edit.defaultCatalog,
    defaultNamespace: edit.defaultNamespace,
  }
  // Catalogs differ in what `-1` selects when the schema or the version is not new.
  const content = versionContent(viewVersion)
  const equal = equalSchema && view.versions.find((version) => versionContent(version) === content)
  return [
    ...allowLoss(view, current, representations),
    ...(equalSchema ? [] : [{ action: 'add-schema' as const, schema }]),
    ...(equal ? [] : [{ action: 'add-view-version' as const, viewVersion }]),
    { action: 'set-current-view-version', viewVersionId: equal?.versionId ?? LAST_ADDED },
  ]
}

/** In the order of the version before; new dialects come last. */
function mergeRepresentations(
  { representations: before }: ViewVersion,
  { representations, retainedDialects }: Extract<ViewEdit, { kind: 'replace' }>,
): ViewRepresentation[] {
  for (const dialect of retainedDialects)
    if (!before.some((one) => isSqlIn(one, dialect)))
      throw new AppError('invalid-request', `The current version has no SQL in the dialect ${dialect}.`)
  const retained = before.flatMap((one): ViewRepresentation[] => {
    if (one.type === 'other' || retainedDialects.some((dialect) => isSqlIn(one, dialect))) return [one]
    const written = representations.find(({ dialect }) => isSqlIn(one, dialect))
    return written ? [{ ...one, ...written }] : []
  })
  const added = representations.filter(({ dialect }) => !before.some((one) => isSqlIn(one, dialect)))
  return [...retained, ...added.map(({ dialect, sql }) => ({ type: 'sql' as const, dialect, sql }))]
}

/** A version without a dialect of the current one is refused unless a property allows it. */
function allowLoss(view: ViewMetadata, current: ViewVersion, after: readonly ViewRepresentation[]): ViewUpdate[] {
  if (lostDialects(current, after).length === 0) return []
  if (propertyValue(view.properties, DROP_DIALECT_PROPERTY)?.toLowerCase() === 'true') return []
  return [{ action: 'set-properties', updates: { [DROP_DIALECT_PROPERTY]: 'true' } }]
}

/** The dialects that engines could read the view in, and can no more. */
export function lostDialects(
  { representations }: Pick<ViewVersion, 'representations'>,
  after: readonly ViewRepresentation[],
): string[] {
  return representations.flatMap((one) =>
    one.type === 'sql' && !after.some((other) => isSqlIn(other, one.dialect)) ? [one.dialect] : [],
  )
}

function propertyUpdates(
  { properties }: ViewMetadata,
  changes: readonly ViewPropertyChange[],
  { shownValue }: EditOptions,
): ViewUpdate[] {
  for (const { name, base } of changes) {
    const now = propertyValue(properties, name)
    if (base === now || base === (shownValue?.(name, now) ?? now)) continue
    throw new AppError('version-conflict', `${name} was changed since you looked. Nothing was changed.`, {
      facts: { property: name },
    })
  }
  const updates = Object.fromEntries(changes.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])))
  const removals = changes.flatMap(({ name, value }) => (value === null ? [name] : []))
  requireNoViewProblems(findPropertyProblems(updates))
  return [
    ...(Object.keys(updates).length > 0 ? [{ action: 'set-properties' as const, updates }] : []),
    ...(removals.length > 0 ? [{ action: 'remove-properties' as const, removals }] : []),
  ]
}

function requireBase(view: ViewMetadata, baseVersionId: number): ViewVersion {
  const current = findVersion(view, view.currentVersionId)
  if (current !== null && view.currentVersionId === baseVersionId) return current
  throw new AppError(
    'version-conflict',
    `Version ${view.currentVersionId} of the view is current now, and not version ${baseVersionId}. Nothing was changed.`,
    { facts: { expected: baseVersionId, current: view.currentVersionId } },
  )
}

function findVersion({ versions }: ViewMetadata, versionId: number): ViewVersion | null {
  return versions.find((version) => version.versionId === versionId) ?? null
}
