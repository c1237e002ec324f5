import type { TableMetadata } from './table-metadata'

/** @param formatVersion absent for a view, and for a table that is not there yet: their locations are absolute */
export type LocationBase = Pick<TableMetadata, 'location'> & { formatVersion?: number }

/**
 * A location in the metadata of a table. From format version 4, one without a scheme is relative to the table's, even if
 * it begins with a slash.
 *
 * Spec: Iceberg table spec, *Path Resolution*; for properties appendix F, *Path Construction*.
 */
export function resolveLocation({ formatVersion = 1, location }: LocationBase, file: string): string {
  return formatVersion < 4 || /^[a-z][a-z0-9+.-]*:/i.test(file) ? file : `${location}/${file}`
}
