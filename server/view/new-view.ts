import 'server-only'
import { viewScripts } from '@/lib/connect/view-statements'
import type { NewViewReview, ViewBlocker } from '@/lib/contract/lifecycle/views'
import { AppError } from '@/lib/errors'
import { enforceNewViewLimits } from '@/lib/iceberg/commit/size-limits'
import { asTableIdentifier, joinNamespace, type ViewIdentifier } from '@/lib/names/identifiers'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import {
  findDraftProblems,
  findPropertyProblems,
  keepFieldIds,
  type ViewVersionDraft,
} from '@/lib/changes/view-edits/view-draft'
import { createViewRequestToJson } from '@/lib/iceberg/view/create-view-request'
import { normalizeViewSql } from '@/lib/query/statement/view-sql-problem'
import { requirePermission } from '@/server/auth/actor'
import type { CatalogClient, NewView } from '@/server/catalog/catalog-client'
import { requireAbility } from '@/server/catalog/require-ability'
import { nameBlocker } from '@/server/lifecycle/create-table'
import type { LifecycleContext } from '@/server/lifecycle/lifecycle-audit'
import { findCaseWarnings } from '@/server/search/names-of-other-case'
import type { Services } from '@/server/services'
import { findCycle, findSqlBlockers, toBlocker } from './view-draft-checks'
import { viewPaths } from './view-path'
import { viewSummary } from './view-summary'
import { writeView } from './write-view'

/** As it arrives, see the contract. */
type NewViewRequest = { version: ViewVersionDraft; properties: Readonly<Record<string, string>> }

type ReviewContext = Omit<LifecycleContext, 'requestId'>

/** How a view would be created, and what is in the way. Creates nothing. */
export async function reviewNewView(
  services: Pick<Services, 'catalogs' | 'database'>,
  identifier: ViewIdentifier,
  request: NewViewRequest,
  { actor, signal }: ReviewContext,
): Promise<NewViewReview> {
  const { catalogs } = services
  const catalog = await catalogs.open(identifier.catalog, actor)
  await requireAbility(catalog, 'create-view', signal)
  const warnings = await findCaseWarnings(services, actor, asTableIdentifier(identifier))
  const draft = normalized(request)
  const problems = findBlockersOfDraft(draft)
  const name = await findNameBlocker(catalog, identifier, signal)
  if (problems.length > 0)
    return { request: null, scripts: null, blockers: [...(name ? [name] : []), ...problems], warnings }
  const reading = { actor, signal, connections: await catalogs.listNames(actor) }
  const cycle = await findCycle(catalog, identifier, draft.version, reading)
  const view = toNewView(draft)
  return {
    request: {
      path: (await viewPaths(catalog, identifier, signal)).views,
      body: stringifyExactJson(
        createViewRequestToJson({ name: identifier.view, ...view, properties: view.properties ?? {} }),
        { indent: 2 },
      ),
    },
    scripts: viewScripts(identifier, { ...draft.version, properties: draft.properties }, { isNew: true }),
    blockers: [...(name ? [name] : []), ...(cycle ? [cycle] : [])],
    warnings,
  }
}

/**
 * Creates a view.
 *
 * @throws {AppError} invalid-request for what no view can be; already-exists for a name that is taken; not-found for the
 *   namespace; forbidden; commit-state-unknown
 */
export async function createView(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  identifier: ViewIdentifier,
  { idempotencyKey, ...request }: NewViewRequest & { idempotencyKey: string },
  context: LifecycleContext,
): Promise<{ auditId: string }> {
  const { actor, signal } = context
  requirePermission(actor, 'table:write', asTableIdentifier(identifier), { isNew: true })
  const catalog = await catalogs.open(identifier.catalog, actor)
  await requireAbility(catalog, 'create-view', signal)
  const draft = normalized(request)
  const reading = { actor, signal, connections: await catalogs.listNames(actor) }
  const [blocker] = findBlockersOfDraft(draft)
  const found = blocker ?? (await findCycle(catalog, identifier, draft.version, reading))
  if (found) throw new AppError('invalid-request', found.message)
  const { catalog: name, namespace, view } = identifier
  const write = {
    action: 'create-view',
    identifier,
    content: [name, joinNamespace(namespace), view, request],
    idempotencyKey,
  } as const
  return writeView(database, catalog, write, context, (options) =>
    catalog.createView(identifier, toNewView(draft), options),
  )
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
      timestampMs: Date.now(),
      schemaId: 0,
      summary: viewSummary(),
      representations: representations.map(({ dialect, sql }) => ({ type: 'sql', dialect, sql })),
      defaultCatalog,
      defaultNamespace,
    },
    properties,
  }
}
