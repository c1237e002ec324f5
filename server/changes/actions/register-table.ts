import 'server-only'
import { registerStatements } from '@/lib/connect/register-statements'
import type { NewTableBlocker, RegistrationReview } from '@/lib/contract/table/new-tables'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { currentSchema, defaultSortOrder, defaultSpecLabel } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { sortOrderLabel } from '@/lib/iceberg/partitioning/sort-order'
import { type Actor, isPermitted, requirePermission } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import { requireAbility } from '@/server/catalog/require-ability'
import {
  requireFoldersOfNamespace,
  requireRegistrationGrant,
} from '@/server/catalog/decorators/restrict-to-granted-files'
import { listAudit } from '@/server/db/audit-list'
import type { Database } from '@/server/db/database'
import { findCaseWarnings } from '@/server/search/names-of-other-case'
import type { Services } from '@/server/services'
import { summaryCount } from '@/server/table/summary-counts'
import { toWireSchema } from '@/server/table/wire-schema'
import type { Action, Reviewable } from '../pipeline/action'
import type { ChangeRequest } from '../pipeline/change-request'
import { type CarriedOut, carryOut } from '../pipeline/carry-out'
import { namespaceTablesPath, recordedNewTable, showBlocked } from './create-table'
import { nameBlocker, blockerOf } from '@/server/lifecycle/new-table-blockers'
import { isUnreadable, loadIfReadable } from '@/server/catalog/load-if-readable'

type Registration = { metadataLocation: string }
type RegisterServices = Pick<Services, 'catalogs' | 'database' | 'metadataFiles'>

export const registerTableAction: Action<RegisterServices, TableIdentifier, Registration, object> &
  Reviewable<RegisterServices, TableIdentifier, Registration, RegistrationReview> = {
  kind: 'register-table',
  isHeld: false,
  permissions: (on) => [{ permission: 'table:write', resource: on, isNew: true }],
  ability: () => 'register-table',
  async review({ services, catalog, actor, signal }, on, { metadataLocation }) {
    // The review shows the content of the file.
    requireRegistrationGrant(catalog, actor)
    const { metadata, problem } = await readMetadata(services, catalog, on, metadataLocation, signal)
    const name = await nameBlocker(catalog, 'table', on, signal)
    // The actor may not find out who owns a folder elsewhere.
    const elsewhere = metadata && (await elsewhereBlocker(catalog, actor, on, metadata))
    const owner = metadata && !elsewhere ? await findOtherOwner(services, catalog, metadata, { actor, signal }) : null
    // A connection's catalog checks folders only when it registers the file.
    const isChecked = metadata !== null && !elsewhere && owner === null && name === null && catalog.kind === 'embedded'
    const folders = isChecked
      ? await blockerOf('location', () => catalog.checkNewFolders(on, metadata, { signal }))
      : null
    const statements = registerStatements(on, metadataLocation, metadata?.location ?? null)
    const path = await namespaceTablesPath(catalog, on, signal)
    return showBlocked({
      // The file of a table that the actor may not read would disclose its content.
      found: metadata !== null && !elsewhere && owner?.isHidden !== true ? describe(metadata) : null,
      problem: problem && { code: problem.code, detail: problem.message },
      blockers: [name, elsewhere, owner?.blocker, folders?.blocker].flatMap((one) => one ?? []),
      warnings: await findCaseWarnings(services, actor, on),
      request: {
        path: path.replace(/\/tables$/, '/register'),
        body: JSON.stringify({ name: on.table, 'metadata-location': metadataLocation }, null, 2),
      },
      scripts: {
        spark: { text: statements.spark, commitCount: 1, missingCount: 0 },
        trino:
          statements.trino === null
            ? { text: '-- Trino cannot name this table, or its folder is not known.', commitCount: 0, missingCount: 1 }
            : { text: statements.trino, commitCount: 1, missingCount: 0 },
        pyiceberg: { text: statements.pyiceberg, commitCount: 1, missingCount: 0 },
      },
    })
  },
  async commit(attempt, on, { metadataLocation }) {
    const { catalog, actor, signal, services } = attempt
    const { metadata, problem } = await readMetadata(services, catalog, on, metadataLocation, signal)
    if (problem) throw problem
    if (metadata) await requireFoldersOfNamespace(catalog, actor, on, metadata)
    const owner = metadata && (await findOtherOwner(services, catalog, metadata, { actor, signal }))
    if (owner) throw new AppError('already-exists', owner.blocker.message)
    await catalog.write(
      { kind: 'register-table', table: on, metadataLocation },
      recordedNewTable(attempt, on, 'register-table'),
    )
    return {}
  },
  repeat: async () => ({}),
}

/**
 * Adds the table of an existing metadata file to the catalog. The file is read again: the review does not count.
 *
 * @throws {AppError} already-exists when another table has the name, the uuid or the folder; location-refused,
 * file-missing, file-damaged for the file; and as `carryOut` does
 */
export async function registerTable(
  services: RegisterServices,
  on: TableIdentifier,
  input: Registration,
  request: ChangeRequest,
): Promise<CarriedOut<object>> {
  const { actor, signal } = request
  requirePermission(actor, 'table:write', on, { isNew: true })
  const catalog = await services.catalogs.open(on.catalog, actor)
  await requireAbility(catalog, 'register-table', signal)
  // Before the file is read, and for a repeated request, too: an error would disclose whether the file exists.
  requireRegistrationGrant(catalog, actor)
  return carryOut(services, registerTableAction, { on, input }, request)
}

type ReadMetadata = { metadata: TableMetadata | null; problem: AppError | null }

/**
 * The metadata of the file, or why it cannot be read. Both are null for a connection that gets credentials for each table: only the catalog can read a
 * file of a table that it does not have yet.
 */
async function readMetadata(
  { metadataFiles }: Pick<Services, 'metadataFiles'>,
  catalog: CatalogClient,
  identifier: TableIdentifier,
  metadataLocation: string,
  signal: AbortSignal,
): Promise<ReadMetadata> {
  const none: ReadMetadata = { metadata: null, problem: null }
  try {
    const store = await nullIfNotFound(() => catalog.openStore(identifier, { signal }))
    if (store === null) return none
    store.checkLocation(metadataLocation)
    // The metadata may be in the cache, which does not ask who may read it.
    await store.sizeBytes(metadataLocation, { signal })
    return { ...none, metadata: await metadataFiles.readTable(store, metadataLocation, signal) }
  } catch (error) {
    if (isUnreadable(error) || (error instanceof AppError && error.code === 'forbidden'))
      return { ...none, problem: error }
    throw error
  }
}

function describe(metadata: TableMetadata): RegistrationReview['found'] {
  const schema = currentSchema(metadata)
  const tip = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId)
  return {
    tableUuid: metadata.tableUuid,
    formatVersion: metadata.formatVersion,
    location: metadata.location,
    lastUpdatedMs: metadata.lastUpdatedMs,
    schema: toWireSchema(schema),
    partitioning: defaultSpecLabel(metadata),
    sortOrder: sortOrderLabel(defaultSortOrder(metadata), schema),
    snapshotCount: metadata.snapshots.length,
    currentSnapshotId: metadata.currentSnapshotId,
    rowCount: tip === undefined ? 0 : summaryCount(tip, 'total-records'),
  }
}

/** How many entries of the audit are looked through for names of a table with the uuid. */
const MAX_AUDIT_ENTRIES = 500
const MAX_NAMES = 20

async function elsewhereBlocker(
  catalog: CatalogClient,
  actor: Actor,
  identifier: TableIdentifier,
  metadata: TableMetadata,
): Promise<NewTableBlocker | null> {
  const check = () => requireFoldersOfNamespace(catalog, actor, identifier, metadata)
  return (await blockerOf('location', check)).blocker
}

type OtherOwner = { blocker: NewTableBlocker; isHidden: boolean }

/** A table of the catalog that has the folder or the uuid, without its name if the actor may not read it. */
async function findOtherOwner(
  { database }: { database: Database },
  catalog: CatalogClient,
  metadata: TableMetadata,
  { actor, signal }: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<OtherOwner | null> {
  const describeOwner = (table: TableIdentifier, toMessage: (label: string) => string): OtherOwner => {
    const isHidden = !isPermitted(actor, 'table:read', table)
    const label = isHidden ? 'a table that you may not see' : `${namespaceLabel(table.namespace)}.${table.table}`
    return { blocker: { part: 'location', message: toMessage(label) }, isHidden }
  }
  const [within] = (await catalog.purgeSupport?.findTablesWithin(metadata.location)) ?? []
  if (within) return describeOwner(within, (label) => `${metadata.location} is the folder of ${label}.`)
  const known = await findNamesOfUuid(database, catalog.name, metadata.tableUuid)
  for (const identifier of known) {
    const other = await nullIfNotFound(() => loadIfReadable(catalog, identifier, signal))
    if (other?.table?.metadata.tableUuid !== metadata.tableUuid) continue
    return describeOwner(
      identifier,
      (label) =>
        `${label} has the uuid ${metadata.tableUuid}: two tables with one uuid would be mistaken for each other.`,
    )
  }
  return null
}

/** The names that a table with the uuid has had in the catalog, newest first. */
async function findNamesOfUuid(database: Database, catalog: string, tableUuid: string): Promise<TableIdentifier[]> {
  const entries = await listAudit(database, { tableUuid, limit: MAX_AUDIT_ENTRIES })
  const names = new Map<string, TableIdentifier>()
  for (const { table } of entries) {
    if (table?.catalog === catalog) names.set(JSON.stringify([table.namespace, table.table]), table)
  }
  return [...names.values()].slice(0, MAX_NAMES)
}
