import 'server-only'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/** Properties that name folders for a table's files, in addition to its location. */
export const LOCATION_PROPERTIES = [
  'write.data.path',
  'write.metadata.path',
  'write.object-storage.path',
  'write.folder-storage.path',
] as const

/** The properties that decide where the files of a table or view are written. */
export type TableLocations = Pick<TableMetadata, 'location' | 'properties'>

/** The folders of a table's own files, without a slash at the end. */
export function tableFolders({ location, properties }: TableLocations): string[] {
  const configured = LOCATION_PROPERTIES.flatMap((name) => propertyValue(properties, name) ?? [])
  return [location, ...configured].map((folder) => folder.replace(/\/+$/, ''))
}

/** The folder for a table's metadata files, manifest lists and manifests, without a slash at the end. */
export function metadataFolder({ location, properties }: TableLocations): string {
  return (propertyValue(properties, 'write.metadata.path') ?? `${location}/metadata`).replace(/\/+$/, '')
}
