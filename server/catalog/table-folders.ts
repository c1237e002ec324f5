import 'server-only'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'

/** Where metadata, manifest lists and manifests of a table are written; without a slash at the end. */
export function metadataFolder({ location, properties }: Pick<TableMetadata, 'location' | 'properties'>): string {
  return (propertyValue(properties, 'write.metadata.path') ?? `${location}/metadata`).replace(/\/+$/, '')
}
