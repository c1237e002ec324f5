import 'server-only'
import { viewScripts } from '@/lib/connect/view-statements'
import type { NewViewReview, ViewBlocker } from '@/lib/contract/lifecycle/views'
import { AppError } from '@/lib/errors'
import { enforceNewViewLimits } from '@/lib/iceberg/commit/size-limits'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import {
  findDraftProblems,
  findPropertyProblems,
  keepFieldIds,
  type ViewVersionDraft,
} from '@/lib/changes/view-edits/view-draft'
import { createViewRequestToJson } from '@/lib/iceberg/view/create-view-request'
import { normalizeViewSql } from '@/lib/query/checks/view-sql-problem'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { CommittedView, NewView } from '@/server/catalog/port/catalog-write'
import { findCaseWarnings } from '@/server/search/names-of-other-case'
import { nameBlocker } from '@/server/lifecycle/new-table-blockers'
import { clock } from '@/server/timing/clock'
import { findCycle, findSqlBlockers, toBlocker } from '@/server/view/view-draft-checks'
import { viewPaths } from '@/server/view/view-path'
import { viewSummary } from '@/server/view/view-summary'
import { viewAuditEntry } from '@/server/view/view-audit-entry'
import type { Attempt } from '../pipeline/attempt'
import type { Action, Reviewable } from '../pipeline/action'
import type { ChangeServices } from '../pipeline/change-request'
import { showBlocked } from './create-table'

/** As it arrives, see the contract. */
type NewViewRequest = { version: ViewVersionDraft; properties: Readonly<Record<string, string>> }

/**
 * Creates a view.
 *
 * @throws {AppError} invalid-request for an impossible view; already-exists for a name that is taken; not-found for the
 * namespace; and as `carryOut` does
 */
export const createViewAction: Action<ChangeServices, ViewIdentifier, NewViewRequest, object> &
  Reviewable<ChangeServices, ViewIdentifier, NewViewRequest, NewViewReview> = {
  kind: 'create-view',
  isHeld: false,
  permissions: (on) => [{ permission: 'table:write', resource: asTableIdentifier(on), isNew: true }],
  ability: () => 'create-view',
  async review({ services, catalog, actor, signal }, on, requested) {
    const warnings = await findCaseWarnings(services, actor, asTableIdentifier(on))
    const draft = normalized(requested)
    const problems = findBlockersOfDraft(draft)
    const name = await findNameBlocker(catalog, on, signal)
    if (problems.length > 0)
      return showBlocked({ request: null, scripts: null, blockers: [...(name ? [name] : []), ...problems], warnings })
    const reading = { actor, signal, connections: await services.catalogs.listNames(actor) }
    const cycle = await findCycle(catalog, on, draft.version, reading)
    const view = toNewView(draft)
    return showBlocked({
      request: {
        path: (await viewPaths(catalog, on, signal)).views,
        body: stringifyExactJson(
          createViewRequestToJson({ name: on.view, ...view, properties: view.properties ?? {} }),
          { indent: 2 },
        ),
      },
      scripts: viewScripts(on, { ...draft.version, properties: draft.properties }, { isNew: true }),
      blockers: [...(name ? [name] : []), ...(cycle ? [cycle] : [])],
      warnings,
    })
  },
  async commit(attempt, on, input) {
    const { catalog, actor, signal, services } = attempt
    const draft = normalized(input)
    const reading = { actor, signal, connections: await services.catalogs.listNames(actor) }
    const [blocker] = findBlockersOfDraft(draft)
    const found = blocker ?? (await findCycle(catalog, on, draft.version, reading))
    if (found) throw new AppError('invalid-request', found.message)
    await catalog.write(
      { kind: 'create-view', view: on, ...toNewView(draft) },
      recordedView(attempt, on, 'create-view'),
    )
    return {}
  },
  repeat: async () => ({}),
}

/** The options that record a created or changed view. */
export function recordedView(attempt: Attempt<ChangeServices>, on: ViewIdentifier, action: string) {
  const audited = { actor: attempt.actor, action, requestId: attempt.request.requestId }
  return attempt.recorded({
    known: attempt.entry({ action, table: asTableIdentifier(on) }),
    toEntry: (committed: CommittedView) => viewAuditEntry(committed, audited),
  })
}

function normalized({ version, properties }: NewViewRequest): NewViewRequest {
  const representations = version.representations.map(({ dialect, sql }) => ({
    dialect: dialect.trim(),
    sql: normalizeViewSql(sql),
  }))
  return { version: { ...version, representations }, properties }
}

function findBlockersOfDraft({ version, properties }: NewViewRequest): ViewBlocker[] {
  const { representations } = version
  const found = [
    ...[...findDraftProblems(version), ...findPropertyProblems(properties)].map((one) =>
      toBlocker(one, representations),
    ),
    ...findSqlBlockers(representations),
  ]
  if (found.length > 0) return found
  try {
    enforceNewViewLimits({ properties, ...toNewView({ version, properties }) })
    return []
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-request')
      return [{ part: 'version', message: error.message, dialect: null }]
    throw error
  }
}

async function findNameBlocker(
  catalog: CatalogClient,
  identifier: ViewIdentifier,
  signal: AbortSignal,
): Promise<ViewBlocker | null> {
  const found = await nameBlocker(catalog, 'view', asTableIdentifier(identifier), signal)
  if (found !== null)
    return { part: found.part === 'namespace' ? 'namespace' : 'name', message: found.message, dialect: null }
  if (catalog.kind !== 'embedded') return null
  try {
    // Tables and views have the same names, and staging writes nothing.
    const schema = { schemaId: 0, identifierFieldIds: [], fields: [] }
    await catalog.stageTable(asTableIdentifier(identifier), { schema }, { signal })
    return null
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-request')
      return { part: 'name', message: error.message, dialect: null }
    throw error
  }
}

function toNewView({ version, properties }: NewViewRequest): NewView {
  const { representations, defaultCatalog, defaultNamespace } = version
  return {
    schema: keepFieldIds(version.schema, null),
    version: {
      versionId: 1,
      timestampMs: clock.nowMs(),
      schemaId: 0,
      summary: viewSummary(),
      representations: representations.map(({ dialect, sql }) => ({ type: 'sql', dialect, sql })),
      defaultCatalog,
      defaultNamespace,
    },
    properties,
  }
}
