import 'server-only'
import { randomUUID } from 'node:crypto'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { newTableMetadata } from '@/lib/iceberg/commit/new-table-metadata'
import { enforceNewTableLimits } from '@/lib/iceberg/commit/size-limits'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { clock } from '@/server/timing/clock'
import type { CatalogWrite, NewTable, WriteOptions } from '../port/catalog-write'
import type { LoadedTable, StagedTable } from '../port/loaded-table'
import type { EmbeddedCatalogDeps } from './load-table'
import { chooseLocation } from './folders/choose-location'
import { labelOf } from './names'
import { explainFailedCreate, requireCreatable } from './new-names'
import { requireFreeFolders } from './folders/folder-ownership'
import { metadataPut, putMetadata } from './put-metadata'

/** When two writers create the same name at once, one wins. The other gets an error and leaves no files behind. */
export async function createTable(
  deps: EmbeddedCatalogDeps,
  { table, ...definition }: CatalogWrite<'create-table'>,
  options: WriteOptions<'create-table'>,
): Promise<LoadedTable> {
  const { metadata } = await stageTable(deps, table, definition, options.committedAtMs)
  const created = await insertTable(deps, table, metadata, options)
  if (created) return created
  throw await explainFailedCreate(deps, table, 'table', metadata)
}

/** Returns the table without creating it. It writes nothing. */
export async function stageTable(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  { schema, partitionSpec, sortOrder, location, properties = {} }: NewTable,
  nowMs = clock.nowMs(),
): Promise<StagedTable> {
  await requireCreatable(deps, identifier, 'table', properties)
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

/** Returns null if another writer took the name or the folder in between, or if the namespace was dropped. */
export async function insertTable(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  metadata: TableMetadata,
  { alongside, signal, beforeMetadata: beforeWrite }: WriteOptions<'create-table'>,
): Promise<LoadedTable | null> {
  const toLoadedTable = (metadataLocation: string) => ({
    identifier,
    metadataLocation,
    metadata,
    store: deps.store,
  })
  const put = metadataPut(deps, 'table', {
    identifier,
    previousLocation: null,
    metadata,
    newFolders: await requireFreeFolders(deps, identifier, null, metadata),
    write: () =>
      deps.metadataFiles.writeTable(deps.store, metadata, { label: labelOf(identifier), before: null, beforeWrite }),
  })
  const locations = await putMetadata(
    deps,
    { puts: [put] },
    ([location = '']) => alongside?.({ before: null, after: toLoadedTable(location) }) ?? [],
    signal,
  )
  return locations && toLoadedTable(locations[0] ?? '')
}
