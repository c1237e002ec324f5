import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readTableRow, type RowKind, type TableRow } from '@/server/db/catalog/table-rows'
import type { Database } from '@/server/db/database'
import type { Log } from '@/server/log'
import type { ObjectStore } from '@/server/storage/object-store'
import { gateFormat } from '../format-gate'
import type { LoadedTable } from '../port/loaded-table'
import type { MetadataFiles } from '../metadata-files'
import { isRepresentable, labelOf } from './names'
import type { TableLocks } from './table-locks'

/** The services of the embedded catalog. */
export type EmbeddedCatalogDeps = {
  name: string
  warehouse: string
  database: Database
  store: ObjectStore
  metadataFiles: MetadataFiles
  locks: TableLocks
  log: Log
}

/**
 * Another writer may remove the metadata file after we read the row; the load then starts over, up to this many times.
 */
const MAX_LOAD_ATTEMPTS = 3

/**
 * Loads the current version of the table.
 *
 * @throws {AppError} not-found, file-missing, file-damaged, forbidden, location-refused
 */
export async function loadTable(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  signal?: AbortSignal,
): Promise<LoadedTable> {
  for (let attempts = 1; ; attempts += 1) {
    const { metadataLocation, previousMetadataLocation } = await requireRow(deps, identifier, 'table')
    if (metadataLocation === null) {
      throw new AppError('file-missing', `The catalog names no metadata file for ${labelOf(identifier)}.`)
    }
    try {
      const metadata = await deps.metadataFiles.readTable(deps.store, metadataLocation, signal)
      return gateFormat({ identifier, metadataLocation, metadata, store: deps.store })
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'forbidden' || error.code === 'location-refused') throw error
      const { metadataLocation: currentLocation } = await requireRow(deps, identifier, 'table')
      const isReplaced = currentLocation !== metadataLocation
      if (isReplaced && attempts < MAX_LOAD_ATTEMPTS) continue
      throw new AppError(error.code, error.message, {
        cause: error,
        facts: { ...error.facts, location: metadataLocation, previousLocation: previousMetadataLocation },
      })
    }
  }
}

/** @throws {AppError} not-found, with the kind of the missing object as the fact `missing` */
export async function requireRow(
  { name, database }: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  kind: RowKind,
): Promise<TableRow> {
  const isOurs = identifier.catalog === name && isRepresentable(identifier.namespace)
  const row = isOurs ? await readTableRow(database, identifier) : null
  if (row && row.isView === (kind === 'view')) return row
  const kindLabel = kind === 'view' ? 'View' : 'Table'
  throw new AppError('not-found', `${kindLabel} does not exist: ${labelOf(identifier)}`, { facts: { missing: kind } })
}
