import 'server-only'
import { AppError } from '@/lib/errors'
import { isSameTable, type TableRef } from '@/lib/iceberg/identifiers'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'
import type { TableUpdate } from '@/lib/iceberg/table-update'
import type { JsonObject } from '@/lib/iceberg/types'
import type { Database } from '@/server/db/database'
import type { ObjectStore } from '@/server/storage/object-store'
import { LOCATION_PROPERTIES, metadataFolder } from '../table-folders'
import { foldersAbove } from './location'
import { readRowsWithin } from './rows'

/**
 * Every location that a commit would write into metadata, before any of them is touched.
 *
 * @throws {AppError} forbidden when one is outside the warehouse
 */
export function checkLocations(store: ObjectStore, updates: readonly TableUpdate[]): void {
  for (const update of updates) {
    if (update.action === 'set-location') store.checkLocation(update.location)
    if (update.action === 'set-properties') checkLocationProperties(store, update.updates)
    if (update.action === 'add-snapshot') {
      const { manifestList, manifests = [] } = update.snapshot
      for (const location of [...(manifestList === null ? [] : [manifestList]), ...manifests]) {
        store.checkLocation(location)
      }
    }
    if (update.action === 'set-statistics') checkStatistics(store, update.statistics)
    if (update.action === 'set-partition-statistics') checkStatistics(store, update.partitionStatistics)
  }
}

/** @throws {AppError} forbidden */
export function checkLocationProperties(store: ObjectStore, properties: Readonly<Record<string, string>>): void {
  for (const name of LOCATION_PROPERTIES) {
    const location = propertyValue(properties, name)
    if (location !== null) store.checkLocation(location)
  }
}

/**
 * Metadata that comes to be written somewhere else must not be put among another table's: its place tells whose the
 * files around it are.
 *
 * @param before null of a table that is made; where it has not been asked for, its place is its own already
 * @throws {AppError} already-exists
 */
export function checkMetadataFolder(
  database: Database,
  ref: TableRef,
  before: TableMetadata | null,
  after: TableMetadata,
): void {
  const folder = metadataFolder(after)
  const isKept = before
    ? metadataFolder(before) === folder
    : propertyValue(after.properties, 'write.metadata.path') === null
  if (isKept) return
  const others = readRowsWithin(database, folder, foldersAbove(folder)).filter((other) => !isSameTable(other, ref))
  if (others.length > 0) {
    throw new AppError('already-exists', 'Another table is at the location asked for; a table needs its own folder.')
  }
}

function checkStatistics(store: ObjectStore, statistics: JsonObject): void {
  const location = statistics['statistics-path']
  if (typeof location === 'string') store.checkLocation(location)
}
