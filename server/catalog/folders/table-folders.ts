import 'server-only'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { type LocationBase, resolveLocation } from '@/lib/iceberg/metadata/resolve-location'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/** Properties that name folders for a table's files, in addition to its location. */
export const LOCATION_PROPERTIES = [
  'write.data.path',
  'write.metadata.path',
  'write.object-storage.path',
  'write.folder-storage.path',
] as const

/** The fields that decide where the files of a table or view are written. */
export type TableLocations = Pick<TableMetadata, 'properties'> & LocationBase

/** The folders of a table's own files, without a slash at the end. */
export function tableFolders(locations: TableLocations): string[] {
  const configured = LOCATION_PROPERTIES.flatMap((name) => locationProperty(locations, name) ?? [])
  return [locations.location, ...configured].map((folder) => folder.replace(/\/+$/, ''))
}

/** The folder for a table's metadata files, manifest lists and manifests, without a slash at the end. */
export function metadataFolder(locations: TableLocations): string {
  const folder = locationProperty(locations, 'write.metadata.path') ?? `${locations.location}/metadata`
  return folder.replace(/\/+$/, '')
}

/** Null without the property. */
export function locationProperty(locations: TableLocations, name: (typeof LOCATION_PROPERTIES)[number]): string | null {
  const location = propertyValue(locations.properties, name)
  return location === null ? null : resolveLocation(locations, location)
}
