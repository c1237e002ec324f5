import 'server-only'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/** Properties that say where a table's files are put, beside its location. */
export const LOCATION_PROPERTIES = [
  'write.data.path',
  'write.metadata.path',
  'write.object-storage.path',
  'write.folder-storage.path',
] as const

/** Where the files of a table or view are put. */
export type TableLocations = Pick<TableMetadata, 'location' | 'properties'>

/** The folders that a table's own files are in, without a slash at the end. */
export function tableFolders({ location, properties }: TableLocations): string[] {
  const configured = LOCATION_PROPERTIES.flatMap((name) => propertyValue(properties, name) ?? [])
  return [location, ...configured].map((folder) => folder.replace(/\/+$/, ''))
}

/** Where metadata, manifest lists and manifests of a table are written; without a slash at the end. */
export function metadataFolder({ location, properties }: TableLocations): string {
  return (propertyValue(properties, 'write.metadata.path') ?? `${location}/metadata`).replace(/\/+$/, '')
}
