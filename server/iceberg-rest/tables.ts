import 'server-only'
import { readRequest } from '@/lib/iceberg/json/read-request'
import { AppError } from '@/lib/errors'
import { createTableRequestFromJson } from '@/lib/iceberg/commit/create-table-request'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { enforceNameLimits } from '@/lib/names/name-limits'
import { tableChangeFromJson } from '@/lib/iceberg/commit/table-change-from-json'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Change } from '@/server/db/database'
import { loadIfReadable } from '@/server/catalog/load-if-readable'
import { purgeChange, requirePurgeable } from '@/server/maintenance/purge-table'
import { doUnlessHeld } from '@/server/policy/held-entries'
import { requireUnprotected } from '@/server/table/protection'
import { toAuditAction, auditedCommitOptions, auditedRowOptions, auditedTransactionOptions } from './audit'
import {
  type ExtraPermissions,
  type Replay,
  type OperationContext,
  type OperationHandler,
  resultText,
} from './serve-operation'
import { dropUnprotected, overwriteUnprotected } from './drop-unprotected'
import { readPage } from './paging'
import {
  explainPolicyOfEngines,
  policyOfEnginesChanges,
  requireEngineMayCommit,
  withPolicyOfEngines,
} from './policy-of-engines'
import { bodyFields, type RestInput, tableInPath, parseTableIdentifier } from './request-input'
import { tableConfig } from './table-config'
import { permissionForUpdates } from '@/server/auth/update-permissions'
import { toCommitTableResponse, tableEtag, type SnapshotMode, toLoadTableResult } from './load-table-result'
import { hasMatchingEtag } from '@/server/http/request/matching-etag'

/** The operations on tables. Spec: REST `open-api`, tag *Catalog API*, paths `…/tables…`. */

export const listTables: OperationHandler = async ({ namespace, query }, { catalog, signal }) => {
  const { items, nextPageToken } = await readPage(query, {
    all: () => catalog.listTables(namespace, { signal }),
    page: (page) => catalog.pages.tables(namespace, page),
  })
  return {
    json: {
      identifiers: items.map(({ table }) => ({ namespace, name: table })),
      'next-page-token': nextPageToken,
    },
  }
}

export const createTable: OperationHandler = async (input, context) => {
  const { name, stageCreate, ...table } = createTableRequestFromJson(input.body)
  const identifier = { ...tableInPath(input), table: name }
  if (!stageCreate) {
    const created = await context.catalog.write(
      { kind: 'create-table', table: identifier, ...table },
      auditedCommitOptions(context, { action: 'create-table' }),
    )
    recordWrite(context, created)
    return toLoadTableResult(created, { config: tableConfig(context.config, identifier, context.headers) })
  }
  const { metadata } = await context.catalog.stageTable(identifier, table, context)
  const result = toLoadTableResult(
    { metadata, metadataLocation: null },
    { config: tableConfig(context.config, identifier, context.headers) },
  )
  // The catalog has no table yet, but the response fixes the uuid and the location.
  await context.storeIdempotencyKey({ text: resultText(result) })
  return result
}

/** Also for a registered table: both responses contain the table and the config for its files. */
export const replayCreatedTable: Replay = async (metadataLocation, input, context) => {
  const table = await loadTableAt(metadataLocation, tableInBody(input), context)
  return toLoadTableResult(table, { config: tableConfig(context.config, table.identifier, context.headers) })
}

export const registerTable: OperationHandler = async (input, context) => {
  const identifier = tableInBody(input)
  const { metadataLocation, overwrite } = readRequest(() => {
    const fields = bodyFields(input)
    return {
      metadataLocation: fields.text('metadata-location'),
      overwrite: fields.has('overwrite') && fields.boolean('overwrite'),
    }
  })
  const { alongside, signal } = auditedCommitOptions(context, { action: 'register-table' })
  const register = (guards: readonly Change[]) =>
    context.catalog.write(
      { kind: 'register-table', table: identifier, metadataLocation, overwrite },
      { signal, alongside: (table) => [...alongside(table), ...guards] },
    )
  const registered = overwrite ? await overwriteUnprotected(identifier, context, register) : await register([])
  await context.storeIdempotencyKey({ metadataLocation })
  return toLoadTableResult(registered, { config: tableConfig(context.config, identifier, context.headers) })
}

/** Overwriting replaces an existing table. */
export const permissionsToRegister: ExtraPermissions = (input) => {
  const on = tableInBody(input)
  return input.body?.overwrite === true ? [{ permission: 'table:maintain', resource: on }] : []
}

export const loadTable: OperationHandler = async (input, { config, catalog, clientUses, actor, headers, signal }) => {
  const mode = parseSnapshotMode(input)
  const table = await catalog.loadTable(tableInPath(input), { signal })
  clientUses.record(actor, { tableUuid: table.metadata.tableUuid, access: 'read' })
  const etag = tableEtag(table.metadataLocation, mode)
  if (hasMatchingEtag(headers.get('if-none-match'), etag)) return { status: 304, headers: { etag } }
  return toLoadTableResult(table, { mode, config: tableConfig(config, table.identifier, headers) })
}

export const tableExists: OperationHandler = async (input, { catalog, signal }) => {
  await catalog.loadTable(tableInPath(input), { signal })
  return { status: 204 }
}

export const updateTable: OperationHandler = async (input, context) => {
  const change = parseTableChange(input)
  const identifier = tableInPath(input)
  const auditAction = toAuditAction(change.updates)
  const options = auditedCommitOptions(context, auditAction)
  const committed = await explainPolicyOfEngines(context, [{ identifier, change }], () =>
    context.catalog.write(
      { kind: 'commit-table', table: identifier, change: withPolicyOfEngines(context, change) },
      {
        ...options,
        alongside: (table) => [...options.alongside(table), ...policyOfEnginesChanges(table, change.updates)],
      },
    ),
  )
  recordWrite(context, committed, auditAction)
  await context.storeIdempotencyKey({ metadataLocation: committed.metadataLocation })
  return toCommitTableResponse(committed)
}

export const replayUpdatedTable: Replay = async (metadataLocation, input, context) =>
  toCommitTableResponse(await loadTableAt(metadataLocation, tableInPath(input), context))

/** @param engine of the snapshots that the commit added, and its library */
function recordWrite(
  { clientUses, actor }: OperationContext,
  { metadata }: LoadedTable,
  { engine = null, library = null }: { engine?: string | null; library?: string | null } = {},
): void {
  clientUses.record(actor, { tableUuid: metadata.tableUuid, access: 'write', engine, library })
}

export const permissionsToUpdate: ExtraPermissions = (input) => {
  const { catalog, namespace, name } = input
  const on = { catalog, namespace, table: name }
  return [{ permission: permissionForUpdates(parseTableChange(input).updates), resource: on }]
}

export const dropTable: OperationHandler = async (input, context) => {
  const identifier = tableInPath(input)
  const isPurge = parseFlag(input, 'purgeRequested')
  if (!isPurge) {
    await dropUnprotected(identifier, context, (table) =>
      auditedRowOptions(context, 'drop-table', identifier, uuidOf(table)),
    )
    return { status: 204 }
  }
  const table = await context.catalog.loadTable(identifier, context)
  const tablesSharingFolder = (await context.catalog.purgeSupport?.findTablesWithin(table.metadata.location)) ?? []
  requirePurgeable(
    table,
    tablesSharingFolder.filter((other) => !isSameTable(other, identifier)),
  )
  await dropUnprotected(identifier, context, () => {
    const { alongside, ...options } = auditedRowOptions(context, 'purge-table', identifier, uuidOf(table))
    return {
      ...options,
      // A run removes the files later. It is queued in the transaction that deletes the row.
      alongside: (row) => {
        const dropped = { ...table, metadataLocation: row.metadataLocation ?? table.metadataLocation }
        return [...alongside(row), purgeChange(context.database, dropped, context.actor)]
      },
    }
  })
  return { status: 204 }
}

export const unregisterTable: OperationHandler = async (input, context) => {
  const identifier = tableInPath(input)
  // The catalog keeps a table whose metadata it cannot read.
  let { metadataLocation } = await context.catalog.loadTable(identifier, context)
  await dropUnprotected(identifier, context, (table) => {
    const facts = { ...uuidOf(table), isTableReturned: true }
    const { alongside, ...options } = auditedRowOptions(context, 'unregister-table', identifier, facts)
    return {
      ...options,
      alongside: (row) => {
        // Another writer may have committed since the load; the response includes its commit.
        metadataLocation = row.metadataLocation ?? metadataLocation
        return alongside(row)
      },
    }
  })
  return toLoadTableResult(await loadTableAt(metadataLocation, identifier, context))
}

export const replayUnregisteredTable: Replay = async (metadataLocation, input, context) =>
  toLoadTableResult(await loadTableAt(metadataLocation, tableInPath(input), context))

export const RENAME_BY_ENGINE = { what: 'A rename', by: 'engines', isProposable: true } as const

export const renameTable: OperationHandler = async (input, context) => {
  const { source, destination } = parseRename(input)
  const { table } = await loadIfReadable(context.catalog, source, context.signal)
  if (table !== null) requireUnprotected(table)
  const facts = { ...uuidOf(table), renamedTo: destination }
  const { alongside, signal } = auditedRowOptions(context, 'rename-table', source, facts)
  await doUnlessHeld(context.database, source, RENAME_BY_ENGINE, (guards) =>
    context.catalog.write(
      { kind: 'rename-table', table: source, to: destination },
      {
        signal,
        alongside: (row) => [...alongside(row), ...guards],
      },
    ),
  )
  return { status: 204 }
}

function uuidOf(table: LoadedTable | null): { tableUuid: string | null } {
  return { tableUuid: table?.metadata.tableUuid ?? null }
}

/** A rename needs permissions on the old and on the new name. */
export const permissionsToRename: ExtraPermissions = (input) => {
  const { source, destination } = parseRename(input)
  return [
    { permission: 'table:maintain', resource: source },
    { permission: 'table:write', resource: destination, isNew: true },
  ]
}

export function parseRename(input: RestInput) {
  return readRequest(() => {
    const fields = bodyFields(input)
    return {
      source: parseTableIdentifier(fields.json('source'), 'source', input.catalog),
      destination: parseTableIdentifier(fields.json('destination'), 'destination', input.catalog),
    }
  })
}

export const commitTransaction: OperationHandler = async (input, context) => {
  const commits = parseTransaction(input)
  const changes = new Map(commits.map(({ identifier, change }) => [JSON.stringify(identifier), change]))
  const updatesOf = (identifier: TableIdentifier) => changes.get(JSON.stringify(identifier))?.updates ?? []
  const options = auditedTransactionOptions(context, (identifier) => toAuditAction(updatesOf(identifier)))
  const committed = await explainPolicyOfEngines(context, commits, () =>
    context.catalog.write(
      {
        kind: 'commit-tables',
        commits,
        verify: (table, change) => requireEngineMayCommit(context, table, change.updates),
      },
      {
        ...options,
        alongside: (tables) => [
          ...options.alongside(tables),
          ...tables.flatMap((table) => policyOfEnginesChanges(table, updatesOf(table.after.identifier))),
        ],
      },
    ),
  )
  for (const table of committed) recordWrite(context, table, toAuditAction(updatesOf(table.identifier)))
  await context.storeIdempotencyKey()
  return { status: 204 }
}

export const permissionsForTransaction: ExtraPermissions = (input) =>
  parseTransaction(input).flatMap(({ identifier, change }) => [
    { permission: 'table:write' as const, resource: identifier },
    { permission: permissionForUpdates(change.updates), resource: identifier },
  ])

/** @throws {AppError} invalid-request for an unknown update or requirement, and for a transaction without changes */
function parseTransaction(input: RestInput) {
  const commits = readRequest(() =>
    bodyFields(input)
      .items('table-changes')
      .map(({ json, path }) => {
        const identifierJson = new JsonFields(json, path).json('identifier')
        return {
          identifier: parseTableIdentifier(identifierJson, `${path}.identifier`, input.catalog),
          change: tableChangeFromJson(json),
        }
      }),
  )
  if (commits.length > 0) return commits
  throw new AppError('invalid-request', 'The transaction changes no table.')
}

/** The table that the body names, in the namespace of the path. */
function tableInBody(input: RestInput): TableIdentifier {
  const table = readRequest(() => bodyFields(input).text('name'))
  enforceNameLimits({ table })
  return { ...tableInPath(input), table }
}

/** Loads a table from this metadata file, or its current version if the file was deleted. */
async function loadTableAt(
  metadataLocation: string,
  identifier: TableIdentifier,
  { catalog, signal }: OperationContext,
): Promise<LoadedTable> {
  const loaded = await catalog.purgeSupport?.load(metadataLocation, { signal })
  return loaded ? { identifier, metadataLocation, ...loaded } : catalog.loadTable(identifier, { signal })
}

/** The identifier in a commit's body is optional. If present, it must equal that of the path. */
function parseTableChange(input: RestInput): TableChange {
  if (input.body === null) throw new AppError('invalid-request', 'A commit needs a JSON body.')
  const identifierJson = new JsonFields(input.body, '').json('identifier')
  if (identifierJson !== null) {
    const bodyIdentifier = readRequest(() => parseTableIdentifier(identifierJson, 'identifier', input.catalog))
    if (JSON.stringify(bodyIdentifier) !== JSON.stringify(tableInPath(input))) {
      throw new AppError('invalid-request', 'The identifier in the body is not the table in the path.')
    }
  }
  return tableChangeFromJson(input.body)
}

/** A missing flag is false. Other values are refused. */
function parseFlag({ query }: RestInput, name: string): boolean {
  const text = query.get(name)?.toLowerCase() ?? 'false'
  if (text === 'true' || text === 'false') return text === 'true'
  throw new AppError('invalid-request', `${name} must be true or false.`)
}

function parseSnapshotMode({ query }: RestInput): SnapshotMode {
  const mode = query.get('snapshots')?.toLowerCase() ?? 'all'
  if (mode === 'all' || mode === 'refs') return mode
  throw new AppError('invalid-request', 'snapshots must be all or refs.')
}
