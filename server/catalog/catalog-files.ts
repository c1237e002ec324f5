import 'server-only'
import { equivalentLocations } from '@/server/locations/location-gate'
import type { LoadedTable } from './port/loaded-table'
import { metadataFolder } from './folders/table-folders'

/** Metadata files of catalog tables and file system tables, also compressed ones with the names of older writers. */
const METADATA_FILE = /\.metadata\.json(\.gz)?$/

/**
 * Which of a table's files only the catalog may write: the metadata files. Engines write the files that a commit names,
 * but never these. Java's `RewriteTablePath` stages copies in a folder of their own. `DeleteOrphanFiles`, which removes
 * unreferenced files, does remove metadata files that fell out of the log.
 */
export function catalogFiles({ metadata, metadataLocation }: Pick<LoadedTable, 'metadata' | 'metadataLocation'>) {
  const namedLocations = [metadataLocation, ...metadata.metadataLog.map(({ metadataFile }) => metadataFile)].map(
    normalizeLocation,
  )
  const folders = new Set([normalizeLocation(`${metadataFolder(metadata)}/`), ...namedLocations.map(folderOf)])
  const names = new Set(namedLocations)
  return {
    /** Whether the table's metadata names the file. */
    isNamed: (location: string): boolean => names.has(normalizeLocation(location)),
    /** Whether the location is, or would be, a metadata file. */
    isMetadataFile(location: string): boolean {
      const normalized = normalizeLocation(location)
      return names.has(normalized) || (METADATA_FILE.test(normalized) && folders.has(folderOf(normalized)))
    },
  }
}

/** One spelling per location; some stores treat two slashes as one. */
function normalizeLocation(location: string): string {
  return (equivalentLocations(location)[0] ?? location).replaceAll(/(?<!:)\/{2,}/g, '/')
}

function folderOf(location: string): string {
  return location.replace(/\/[^/]*$/, '')
}
