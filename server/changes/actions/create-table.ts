import 'server-only'
import { randomUUID } from 'node:crypto'
import type { NewTableBlocker, NewTableReview } from '@/lib/contract/table/new-tables'
import type { EngineScripts } from '@/lib/contract/shapes/engine-scripts'
import { AppError } from '@/lib/errors'
import { createTableRequestToJson } from '@/lib/iceberg/commit/create-table-request'
import { newTableMetadata } from '@/lib/iceberg/commit/new-table-metadata'
import { enforceNewTableLimits } from '@/lib/iceberg/commit/size-limits'
import { declarationFromText } from '@/lib/changes/declaration/declaration-text'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { draftOfDeclaration, type NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import { requireNoProblems } from '@/lib/changes/new-table/new-table-problems'
import { type CreateScript, createStatements } from '@/lib/changes/new-table/new-table-statements'
import { FIRST_PARTITION_FIELD_ID } from '@/lib/iceberg/partitioning/partition-spec-json'
import { FORMAT_VERSION_PROPERTY } from '@/lib/iceberg/properties/table-properties'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { NewTable } from '@/server/catalog/port/catalog-write'
import { findCaseWarnings } from '@/server/search/names-of-other-case'
import { checkLocation, locationBlocker, nameBlocker, blockerOf } from '@/server/lifecycle/new-table-blockers'
import { commitAuditEntry, plannedCommitEntry } from '@/server/table/commit/commit-audit-entry'
import { clock } from '@/server/timing/clock'
import type { Attempt } from '../pipeline/attempt'
import type { Action, Review, Reviewable } from '../pipeline/action'
import type { ChangeServices } from '../pipeline/change-request'

/** As it arrives, see the contract. */
type NewTableRequest = { declaration: string; location?: string | undefined }

/**
 * Creates an empty table.
 *
 * @throws {AppError} invalid-request for an impossible table; already-exists for a name or a folder that is taken;
 * location-refused; not-found for the namespace; and as `carryOut` does
 */
export const createTableAction: Action<ChangeServices, TableIdentifier, NewTableRequest, object> &
  Reviewable<ChangeServices, TableIdentifier, NewTableRequest, NewTableReview> = {
  kind: 'create-table',
  isHeld: false,
  permissions: (on) => [{ permission: 'table:write', resource: on, isNew: true }],
  ability: () => 'create-table',
  async review({ services, catalog, actor, signal }, on, { declaration, location }) {
    const warnings = await findCaseWarnings(services, actor, on)
    const draft = readDraft(declaration)
    if (draft instanceof AppError) {
      const blockers: NewTableBlocker[] = [{ part: 'table', message: draft.message }]
      return showBlocked({ request: null, scripts: null, blockers, warnings, location: null, addedProperties: null })
    }
    const table = toNewTable(draft, location)
    const { blockers, chosenLocation, addedProperties } = await findBlockers(catalog, on, table, signal)
    return showBlocked({
      request: {
        path: await namespaceTablesPath(catalog, on, signal),
        body: stringifyExactJson(createTableRequestToJson({ ...table, name: on.table, stageCreate: false }), {
          indent: 2,
        }),
      },
      scripts: toScripts(createStatements(on, { draft, location: location ?? null })),
      blockers,
      warnings,
      location: chosenLocation,
      addedProperties,
    })
  },
  async commit(attempt, on, { declaration, location }) {
    const { catalog, signal } = attempt
    const draft = readDraft(declaration)
    if (draft instanceof AppError) throw draft
    if (catalog.kind === 'rest' && location !== undefined) await checkLocation(catalog, on, location, signal)
    await catalog.write(
      { kind: 'create-table', table: on, ...toNewTable(draft, location) },
      recordedNewTable(attempt, on, 'create-table'),
    )
    return {}
  },
  repeat: async () => ({}),
}

/** The options that record a new table. */
export function recordedNewTable(
  attempt: Attempt<ChangeServices>,
  on: TableIdentifier,
  action: 'create-table' | 'register-table',
) {
  const hasEarlierSnapshots = action === 'register-table'
  const audited = { actor: attempt.actor, action, requestId: attempt.request.requestId, hasEarlierSnapshots }
  return attempt.recordedCommit({
    known: plannedCommitEntry(on, audited),
    toEntry: (committed) => commitAuditEntry(committed, audited),
  })
}

/** The review of something new, whose blockers say why it cannot be created. */
export function showBlocked<Shown extends { blockers: readonly { message: string }[] }>(shown: Shown): Review<Shown> {
  const [blocker] = shown.blockers
  return { problem: blocker ? new AppError('invalid-request', blocker.message) : null, show: async () => shown }
}

/** Returns why the declaration is not that of a new table. */
function readDraft(declaration: string): NewTableDraft | AppError {
  try {
    const draft = draftOfDeclaration(declarationFromText(declaration))
    requireNoProblems(draft)
    return draft
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-request') return error
    throw error
  }
}

function toNewTable(draft: NewTableDraft, location: string | undefined) {
  const { schema, partitionFields, sortFields, properties, formatVersion } = draft
  return {
    schema,
    partitionSpec: {
      specId: 0,
      fields: partitionFields.map((field, i) => ({ ...field, fieldId: FIRST_PARTITION_FIELD_ID + i })),
    },
    sortOrder: { orderId: sortFields.length === 0 ? 0 : 1, fields: sortFields },
    ...(location !== undefined && { location }),
    properties: { [FORMAT_VERSION_PROPERTY]: String(formatVersion), ...properties },
  } satisfies NewTable
}

async function findBlockers(
  catalog: CatalogClient,
  identifier: TableIdentifier,
  table: NewTable,
  signal: AbortSignal,
): Promise<Pick<NewTableReview, 'blockers' | 'addedProperties'> & { chosenLocation: string | null }> {
  const { location } = table
  const name = await nameBlocker(catalog, 'table', identifier, signal)
  if (name !== null) return { blockers: [name], chosenLocation: null, addedProperties: null }
  if (catalog.kind === 'embedded') {
    const { location: _, ...elsewhere } = table
    const staged = await blockerOf('table', () => catalog.stageTable(identifier, elsewhere, { signal }))
    const placed =
      staged.blocker === null && location !== undefined
        ? await blockerOf('location', () => catalog.stageTable(identifier, table, { signal }))
        : staged
    return {
      blockers: placed.blocker === null ? [] : [placed.blocker],
      chosenLocation: placed.result?.metadata.location ?? null,
      addedProperties: placed.result ? propertiesBeyond(table, placed.result.metadata.properties) : null,
    }
  }
  // Asking a remote catalog to stage a table could leave files there.
  const checked = await blockerOf('table', async () => {
    enforceNewTableLimits({ ...table, properties: table.properties ?? {} })
    newTableMetadata({
      ...table,
      location: location ?? 'file:///unknown',
      tableUuid: randomUUID(),
      nowMs: clock.nowMs(),
    })
  })
  const placed = await locationBlocker(catalog, identifier, location ?? null, signal)
  return {
    blockers: [checked.blocker, placed].flatMap((one) => one ?? []),
    chosenLocation: location ?? null,
    addedProperties: null,
  }
}

/** The properties of the table that would be created, without those that were requested. */
function propertiesBeyond({ properties: requested = {} }: NewTable, properties: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !Object.hasOwn(requested, key)))
}

/** The path of requests that create a table of the namespace. */
export async function namespaceTablesPath(
  catalog: Pick<CatalogClient, 'commitPath'>,
  identifier: TableIdentifier,
  signal: AbortSignal,
): Promise<string> {
  const path = await catalog.commitPath(identifier, { signal })
  // The name is percent-encoded, so it contains no slash.
  return path.slice(0, path.lastIndexOf('/'))
}

export function toScripts(scripts: Record<keyof EngineScripts, CreateScript>): EngineScripts {
  const toScript = ({ text, statements, missing }: CreateScript) => ({
    text,
    commitCount: statements.length,
    missingCount: missing.length,
  })
  return { spark: toScript(scripts.spark), trino: toScript(scripts.trino), pyiceberg: toScript(scripts.pyiceberg) }
}
