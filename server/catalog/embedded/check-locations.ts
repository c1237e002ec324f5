import 'server-only'
import { AppError } from '@/lib/errors'
import { resolveLocation } from '@/lib/iceberg/metadata/resolve-location'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import type { ViewMetadata } from '@/lib/iceberg/view/view-metadata'
import type { ObjectStore } from '@/server/storage/object-store'
import { LOCATION_PROPERTIES, locationProperty, type TableLocations } from '../folders/table-folders'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** A location in metadata, and a phrase for the field that holds it. */
type ReferencedLocation = { referrer: string; location: string }

/**
 * Checks every location that a commit would write into metadata, before anything is written.
 *
 * @throws {AppError} location-refused when one is outside the warehouse
 */
export function checkLocations(store: ObjectStore, updates: readonly TableUpdate[]): void {
  for (const update of updates) for (const { location } of locationsInUpdate(update)) store.checkLocation(location)
}

/** @throws {AppError} location-refused */
export function checkLocationProperties(store: ObjectStore, properties: Readonly<Record<string, string>>): void {
  for (const { location } of locationsInProperties({ location: '', properties })) store.checkLocation(location)
}

/**
 * Checks every location in a metadata file that is about to be registered. In addition to the locations that a commit
 * writes, these are the earlier metadata files, which the catalog itself removes when there are too many.
 *
 * @throws {AppError} location-refused, which names the location outside the warehouse
 */
export function checkMetadataLocations(store: ObjectStore, metadata: TableMetadata | ViewMetadata): void {
  for (const { referrer, location } of locationsInMetadata(metadata)) {
    try {
      store.checkLocation(location)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'location-refused') throw error
      throw new AppError(
        'location-refused',
        `The metadata file cannot be registered: ${referrer} is ${location}, which is outside the warehouse. \
Nothing was changed. Move its files into the warehouse, and register metadata with the new locations.`,
        { cause: error, facts: { ...error.facts, location } },
      )
    }
  }
}

function* locationsInMetadata(metadata: TableMetadata | ViewMetadata): Generator<ReferencedLocation> {
  yield { referrer: 'its location', location: metadata.location }
  yield* locationsInProperties(metadata)
  if (!('snapshots' in metadata)) return
  for (const { referrer, location } of locationsOfFiles(metadata))
    yield { referrer, location: resolveLocation(metadata, location) }
}

function* locationsOfFiles(metadata: TableMetadata): Generator<ReferencedLocation> {
  for (const snapshot of metadata.snapshots) yield* locationsInSnapshot(snapshot)
  for (const statistics of metadata.statistics) yield* locationInStatistics(statistics)
  for (const statistics of metadata.partitionStatistics) yield* locationInStatistics(statistics)
  for (const { metadataFile } of metadata.metadataLog)
    yield { referrer: 'an entry of its metadata-log', location: metadataFile }
}

/** Every location that an update would write into metadata. */
export function* locationsInUpdate(update: TableUpdate): Generator<ReferencedLocation> {
  if (update.action === 'set-location') yield { referrer: 'its location', location: update.location }
  if (update.action === 'set-properties') yield* locationsInProperties({ location: '', properties: update.updates })
  if (update.action === 'add-snapshot') yield* locationsInSnapshot(update.snapshot)
  if (update.action === 'set-statistics') yield* locationInStatistics(update.statistics)
  if (update.action === 'set-partition-statistics') yield* locationInStatistics(update.partitionStatistics)
}

function* locationsInProperties(locations: TableLocations): Generator<ReferencedLocation> {
  for (const name of LOCATION_PROPERTIES) {
    const location = locationProperty(locations, name)
    if (location !== null) yield { referrer: `its property ${name}`, location }
  }
}

function* locationsInSnapshot({ snapshotId, manifestList, manifests = [] }: Snapshot): Generator<ReferencedLocation> {
  if (manifestList !== null) yield { referrer: `the manifest list of snapshot ${snapshotId}`, location: manifestList }
  for (const location of manifests) yield { referrer: `a manifest of snapshot ${snapshotId}`, location }
}

function* locationInStatistics(statistics: JsonObject): Generator<ReferencedLocation> {
  const location = statistics['statistics-path']
  if (typeof location === 'string') yield { referrer: 'a statistics file', location }
}
