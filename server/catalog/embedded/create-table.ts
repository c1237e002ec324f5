import 'server-only'
import { randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { newTableMetadata } from '@/lib/iceberg/commit/new-table-metadata'
import { enforceNewTableLimits } from '@/lib/iceberg/commit/size-limits'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { insertRow, readTableRow, type RowKind } from '@/server/db/catalog/table-rows'
import type { CommitOptions, LoadedTable, NewTable, StagedTable } from '../catalog-client'
import { checkLocationProperties } from './check-locations'
import type { EmbeddedCatalogDeps } from './load-table'
import { chooseLocation } from './folders/choose-location'
import { labelOf, requireTableName } from './names'
import { requireNamespace } from './namespaces'
import { buildFolderClaim, requireFreeFolders } from './folders/folder-ownership'
import { putMetadata } from './put-metadata'

/** When two writers create the same name at once, one wins. The other gets an error and leaves no files behind. */
export async function createTable(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  table: NewTable,
  options: CommitOptions = {},
): Promise<LoadedTable> {
  const { metadata } = await stageTable(deps, identifier, table, options.committedAtMs)
  const created = await insertTable(deps, identifier, metadata, options)
  if (created) return created
  await requireNamespace(deps, identifier.namespace)
  await requireNameIsFree(deps, identifier, 'table')
  await requireFreeFolders(deps, identifier, null, metadata)
  throw new AppError(
    'commit-conflict',
    `Another writer created and removed ${labelOf(identifier)} at the same time. Nothing was changed; try again.`,
  )
}

/** Returns what would be created. It writes nothing. */
export async function stageTable(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  { schema, partitionSpec, sortOrder, location, properties = {} }: NewTable,
  nowMs = Date.now(),
): Promise<StagedTable> {
  await requireValidName(deps, identifier)
  await requireNameIsFree(deps, identifier, 'table')
  checkLocationProperties(deps.store, properties)
  enforceNewTableLimits({ schema, partitionSpec, sortOrder, properties })
  const metadata = newTableMetadata({
    schema,
    ...(partitionSpec && { partitionSpec }),
    ...(sortOrder && { sortOrder }),
    location: await chooseLocation(deps, identifier, location),
    properties,
    tableUuid: randomUUID(),
    nowMs,
  })
  await requireFreeFolders(deps, identifier, null, metadata)
  return { identifier, metadata }
}

/** Returns null when another writer took the name or the folder in between, or when the namespace is gone. */
export async function insertTable(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  metadata: TableMetadata,
  { alongside, signal }: CommitOptions,
): Promise<LoadedTable | null> {
  const toLoadedTable = (metadataLocation: string) => ({
    identifier,
    metadataLocation,
    metadata,
    store: deps.store,
  })
  const write = () => deps.metadataFiles.writeTable(deps.store, metadata, { label: labelOf(identifier), before: null })
  const claim = buildFolderClaim(deps, await requireFreeFolders(deps, identifier, null, metadata))
  const put = {
    identifier,
    write,
    swap: (location: string) => insertRow(identifier, location, 'table', claim),
    tableLocations: metadata,
  }
  const locations = await putMetadata(
    deps,
    { puts: [put] },
    ([location = '']) => alongside?.({ before: null, after: toLoadedTable(location) }) ?? [],
    signal,
  )
  return locations && toLoadedTable(locations[0] ?? '')
}

/** @throws {AppError} invalid-request for an invalid name, not-found for a catalog or namespace that does not exist */
export async function requireValidName(deps: EmbeddedCatalogDeps, identifier: TableIdentifier): Promise<void> {
  requireTableName(identifier)
  if (identifier.catalog !== deps.name)
    throw new AppError('not-found', `There is no catalog named ${identifier.catalog}.`)
  await requireNamespace(deps, identifier.namespace)
}

/** @throws {AppError} already-exists */
export async function requireNameIsFree(
  { database }: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  kind: RowKind,
): Promise<void> {
  const existing = await readTableRow(database, identifier)
  if (!existing) return
  const kindLabel = existing.isView ? 'View' : 'Table'
  const isOtherKind = existing.isView !== (kind === 'view')
  throw new AppError(
    'already-exists',
    `${kindLabel}${isOtherKind ? ' with same name' : ''} already exists: ${labelOf(identifier)}`,
  )
}
