import 'server-only'
import { viewScripts } from '@/lib/connect/view-statements'
import type { ViewEditReview, ViewBlocker } from '@/lib/contract/lifecycle/views'
import { AppError } from '@/lib/errors'
import { enforceUpdateLimits } from '@/lib/iceberg/commit/size-limits'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { findDraftProblems } from '@/lib/changes/view-edits/view-draft'
import { changeOfEdit, lostDialects, type ViewEdit } from '@/lib/changes/view-edits/view-edit'
import { applyViewUpdates } from '@/lib/iceberg/view/apply-view-updates'
import { viewChangeToJson } from '@/lib/iceberg/view/view-change-json'
import type { ViewMetadata, ViewVersion } from '@/lib/iceberg/view/view-metadata'
import { DROP_DIALECT_PROPERTY } from '@/lib/iceberg/view/view-properties'
import type { ViewChange } from '@/lib/iceberg/view/view-update'
import { normalizeViewSql } from '@/lib/query/checks/view-sql-problem'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedView } from '@/server/catalog/port/loaded-table'
import type { Services } from '@/server/services'
import { maskProperty } from '@/server/table/mask-properties'
import { clock } from '@/server/timing/clock'
import { toVersion } from '@/server/view/describe-view'
import { findCycle, findSqlBlockers, toBlocker } from '@/server/view/view-draft-checks'
import { viewPaths } from '@/server/view/view-path'
import { viewSummary } from '@/server/view/view-summary'
import type { NothingReviewed, ProposableAction } from '../pipeline/action'
import type { ChangeRequest } from '../pipeline/change-request'
import { recordedView } from './create-view'

type EditServices = Pick<Services, 'catalogs' | 'database' | 'keys'>

const NOT_POSSIBLE = { request: null, scripts: null, warnings: [], lostColumns: [], conflict: null }

/** The action in the audit entry. */
const ACTIONS = {
  replace: 'replace-view',
  'roll-back': 'roll-back-view',
  properties: 'change-view-properties',
} as const satisfies Record<ViewEdit['kind'], string>

/**
 * Commits an edit of a view.
 *
 * @throws {AppError} version-conflict when the view, or one of the properties, changed since the user looked;
 * invalid-request for an impossible view; not-found; and as `carryOut` does
 */
export const changeViewAction: ProposableAction<
  EditServices,
  ViewIdentifier,
  { edit: ViewEdit },
  NothingReviewed,
  object,
  ViewEditReview
> = {
  kind: 'change-view',
  isHeld: true,
  // The edit names the version, or the values, that its user saw.
  toReviewed: () => ({}),
  async review({ services, catalog, actor, signal }, on, { edit: requested }) {
    const view = await catalog.loadView(on, { signal })
    const edit = normalized(requested)
    const { metadata } = view
    const current = currentVersion(metadata)
    const isStale = edit.kind !== 'properties' && edit.baseVersionId !== metadata.currentVersionId
    const reading = { actor, signal, connections: await services.catalogs.listNames(actor) }
    const problems = isStale ? [] : findBlockers(edit)
    const isReplaced = edit.kind === 'replace' && !isStale && problems.length === 0
    const cycle = isReplaced ? await findCycle(catalog, on, edit, reading) : null
    const planned = problems.length > 0 ? null : planChange(services, view, edit)
    const [blocker = cycle] = problems
    return {
      problem: blocker
        ? new AppError('invalid-request', blocker.message)
        : planned instanceof AppError
          ? planned
          : null,
      async show() {
        if (isStale) return { ...NOT_POSSIBLE, blockers: [], conflict: current && toVersion(current) }
        if (planned === null || planned instanceof AppError) {
          const more: ViewBlocker[] = planned ? [{ part: 'version', message: planned.message, dialect: null }] : []
          return { ...NOT_POSSIBLE, blockers: [...problems, ...more] }
        }
        const { change, after } = planned
        const next = currentVersion(after)
        return {
          request: {
            path: (await viewPaths(catalog, on, signal)).view,
            body: stringifyExactJson(viewChangeToJson(change), { indent: 2 }),
          },
          scripts: next && viewScripts(on, toScriptVersion(after, next), { isNew: false, edit }),
          blockers: cycle ? [cycle] : [],
          warnings: current && next ? findWarnings(metadata, current, next, edit) : [],
          lostColumns: current && next ? findLostColumns(after, current, next) : [],
          conflict: null,
        }
      },
    }
  },
  permissions: (on) => [{ permission: 'table:write', resource: asTableIdentifier(on) }],
  ability: () => 'commit-view',
  async commit(attempt, on, { edit: requested }) {
    const { catalog, actor, signal, services } = attempt
    const edit = normalized(requested)
    await requireNoBlocker(services, catalog, on, edit, { actor, signal })
    const plan = (loaded: LoadedView): ViewChange => {
      attempt.requireSame(loaded.metadata.viewUuid)
      const planned = planChange(services, loaded, edit)
      if (planned instanceof AppError) throw planned
      return planned.change
    }
    await catalog.write({ kind: 'commit-view', view: on, change: plan }, recordedView(attempt, on, ACTIONS[edit.kind]))
    return {}
  },
  repeat: async () => ({}),
}

/** @throws {AppError} invalid-request */
async function requireNoBlocker(
  { catalogs }: Pick<EditServices, 'catalogs'>,
  catalog: CatalogClient,
  identifier: ViewIdentifier,
  edit: ViewEdit,
  { actor, signal }: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<void> {
  const reading = { actor, signal, connections: await catalogs.listNames(actor) }
  const [blocker] = findBlockers(edit)
  const found = blocker ?? (edit.kind === 'replace' ? await findCycle(catalog, identifier, edit, reading) : null)
  if (found) throw new AppError('invalid-request', found.message)
}

/** The change and the view after it, or the reason why it is impossible. */
function planChange(
  { keys }: Pick<Services, 'keys'>,
  { metadata }: LoadedView,
  edit: ViewEdit,
): { change: ViewChange; after: ViewMetadata } | AppError {
  try {
    const nowMs = clock.nowMs()
    const change = changeOfEdit(metadata, edit, {
      nowMs,
      summary: viewSummary(),
      shownValue: (key, value) => maskProperty(keys, key, value, metadata.viewUuid),
    })
    enforceUpdateLimits(change.updates, metadata)
    const after = applyViewUpdates(metadata, change.updates, { nowMs })
    if (after === metadata) return new AppError('invalid-request', 'The view is already like this.')
    return { change, after }
  } catch (error) {
    if (error instanceof AppError && (error.code === 'invalid-request' || error.code === 'version-conflict'))
      return error
    throw error
  }
}

function normalized(edit: ViewEdit): ViewEdit {
  if (edit.kind !== 'replace') return edit
  const representations = edit.representations.map(({ dialect, sql }) => ({
    dialect: dialect.trim(),
    sql: normalizeViewSql(sql),
  }))
  return { ...edit, representations }
}

function findBlockers(edit: ViewEdit): ViewBlocker[] {
  if (edit.kind !== 'replace') return []
  return [
    ...findDraftProblems(edit, edit.retainedDialects).map((one) => toBlocker(one, edit.representations)),
    ...findSqlBlockers(edit.representations),
  ]
}

function findWarnings(metadata: ViewMetadata, before: ViewVersion, after: ViewVersion, edit: ViewEdit): string[] {
  if (edit.kind === 'properties') return []
  const lost = lostDialects(before, after.representations)
  const stale = edit.kind === 'replace' && edit.representations.length > 0 ? edit.retainedDialects : []
  return [
    ...(stale.length > 0
      ? [`The SQL in ${stale.join(', ')} stays as it is, so engines with this dialect may now read something else.`]
      : []),
    ...(lost.length > 0
      ? [`Engines that read the view in ${lost.join(', ')} will find no SQL for them in the new version.`]
      : []),
    ...(lost.length > 0 && metadata.properties[DROP_DIALECT_PROPERTY]?.toLowerCase() !== 'true'
      ? [`Catalogs refuse to lose a dialect, so the commit sets ${DROP_DIALECT_PROPERTY} to true, which stays.`]
      : []),
  ]
}

/** @param after whose schemas include those before, as a commit adds schemas and removes none of the two versions */
function findLostColumns({ schemas }: ViewMetadata, before: ViewVersion, next: ViewVersion): string[] {
  const namesOf = ({ schemaId }: ViewVersion) =>
    schemas.find((schema) => schema.schemaId === schemaId)?.fields.map(({ name }) => name) ?? []
  const remaining = new Set(namesOf(next))
  return namesOf(before).filter((name) => !remaining.has(name))
}

function currentVersion({ versions, currentVersionId }: ViewMetadata): ViewVersion | null {
  return versions.find(({ versionId }) => versionId === currentVersionId) ?? null
}

function toScriptVersion({ schemas, properties }: ViewMetadata, version: ViewVersion) {
  return {
    representations: version.representations.flatMap((one) => (one.type === 'sql' ? [one] : [])),
    defaultCatalog: version.defaultCatalog,
    defaultNamespace: version.defaultNamespace,
    schema: schemas.find(({ schemaId }) => schemaId === version.schemaId) ?? {
      schemaId: 0,
      identifierFieldIds: [],
      fields: [],
    },
    properties,
  }
}
