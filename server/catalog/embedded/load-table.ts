import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { readTableRow, type RowKind, type TableRow } from '@/server/db/catalog-rows'
import type { Database } from '@/server/db/database'
import type { Log } from '@/server/log'
import type { ObjectStore } from '@/server/storage/object-store'
import type { LoadedTable } from '../catalog-client'
import type { MetadataFiles } from '../metadata-files'
import { isExpressible, labelOf } from './names'
import type { TableTurns } from './turns'

/** What the embedded catalog works with. */
export type Parts = {
  name: string
  warehouse: string
  database: Database
  store: ObjectStore
  metadataFiles: MetadataFiles
  turns: TableTurns
  log: Log
}

/** Another writer may remove the file between our reading the row and the file, as often as this. */
const LOAD_TRIES = 3

/**
 * The table as the catalog has it now.
 *
 * @throws {AppError} not-found, file-missing, file-damaged, forbidden, location-refused
 */
export async function loadTable(parts: Parts, ref: TableRef, signal?: AbortSignal): Promise<LoadedTable> {
  for (let tries = 1; ; tries += 1) {
    const { metadataLocation, previousMetadataLocation } = await requireRow(parts, ref, 'table')
    if (metadataLocation === null) {
      throw new AppError('file-missing', `The catalog names no metadata file for ${labelOf(ref)}.`)
    }
    try {
      const metadata = await parts.metadataFiles.readTable(parts.store, metadataLocation, signal)
      return { ref, metadataLocation, metadata, store: parts.store }
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'forbidden' || error.code === 'location-refused') throw error
      const { metadataLocation: locationNow } = await requireRow(parts, ref, 'table')
      const isReplaced = locationNow !== metadataLocation
      if (isReplaced && tries < LOAD_TRIES) continue
      throw new AppError(error.code, error.message, {
        cause: error,
        facts: { ...error.facts, location: metadataLocation, previousLocation: previousMetadataLocation },
      })
    }
  }
}

/** @throws {AppError} not-found, with what is `missing` among its facts */
export async function requireRow({ name, database }: Parts, ref: TableRef, kind: RowKind): Promise<TableRow> {
  const isOurs = ref.catalog === name && isExpressible(ref.namespace)
  const row = isOurs ? await readTableRow(database, ref) : null
  if (row && row.isView === (kind === 'view')) return row
  const what = kind === 'view' ? 'View' : 'Table'
  throw new AppError('not-found', `${what} does not exist: ${labelOf(ref)}`, { facts: { missing: kind } })
}
