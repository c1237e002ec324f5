import 'server-only'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { TableUpdate } from '@/lib/iceberg/table-update'
import type { JsonObject } from '@/lib/iceberg/types'
import type { ObjectStore } from '@/server/storage/object-store'
import { LOCATION_PROPERTIES } from '../table-folders'

/**
 * Every location that a commit would write into metadata, before any of them is touched.
 *
 * @throws {AppError} location-refused when one is outside the warehouse
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

function checkStatistics(store: ObjectStore, statistics: JsonObject): void {
  const location = statistics['statistics-path']
  if (typeof location === 'string') store.checkLocation(location)
}
