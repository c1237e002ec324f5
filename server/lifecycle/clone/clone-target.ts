import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { FORMAT_VERSION_PROPERTY } from '@/lib/iceberg/properties/table-properties'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { ObjectStore } from '@/server/storage/object-store'

/**
 * Where the files of a clone go: where the catalog would put a new table of that name.
 *
 * @throws {AppError} already-exists, not-found, location-refused, as for any new table
 */
export async function chooseCloneLocation(
  catalog: CatalogClient,
  target: TableIdentifier,
  source: TableMetadata,
  { location }: { location: string | null },
  signal: AbortSignal,
): Promise<string> {
  const staged = await catalog.stageTable(
    target,
    {
      schema: currentSchema(source),
      properties: { [FORMAT_VERSION_PROPERTY]: String(source.formatVersion) },
      ...(location !== null && { location }),
    },
    { signal },
  )
  return staged.metadata.location.replace(/\/+$/, '')
}

/**
 * The store for files of a table that does not exist yet.
 *
 * @throws {AppError} not-supported for a connection that gets credentials only for tables that it has
 */
export async function openCloneStore(
  catalog: CatalogClient,
  target: TableIdentifier,
  signal: AbortSignal,
): Promise<ObjectStore> {
  try {
    return await catalog.openStore(target, { signal })
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'not-found')) throw error
    throw new AppError(
      'not-supported',
      `The connection ${catalog.name} gets credentials for each table, so nothing can be written before the table exists. Give it storage of its own to clone tables to it.`,
      { cause: error },
    )
  }
}
