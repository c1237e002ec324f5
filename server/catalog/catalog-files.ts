import 'server-only'
import { equivalentLocations } from '@/server/storage/location-gate'
import type { LoadedTable } from './catalog-client'
import { metadataFolder } from './table-folders'

/** Of tables of catalogs and of file systems, also compressed ones as older writers named them. */
const METADATA_FILE = /\.metadata\.json(\.gz)?$/

/**
 * Which of a table's files are the catalog's alone: the metadata files. An engine writes what a commit names and never
 * these; Java's `RewriteTablePath` stages copies, in a folder of their own. What removes files that nobody names any
 * more (`DeleteOrphanFiles`) does remove metadata files that fell out of the log.
 */
export function catalogFiles({ metadata, metadataLocation }: Pick<LoadedTable, 'metadata' | 'metadataLocation'>) {
  const namedLocations = [metadataLocation, ...metadata.metadataLog.map(({ metadataFile }) => metadataFile)].map(
    normalizeLocation,
  )
  const folders = new Set([normalizeLocation(`${metadataFolder(metadata)}/`), ...namedLocations.map(folderOf)])
  const names = new Set(namedLocations)
  return {
    /** Whether the table tells of it. */
    isNamed: (location: string): boolean => names.has(normalizeLocation(location)),
    /** Whether it is one, or would be. */
    isMetadataFile(location: string): boolean {
      const normalized = normalizeLocation(location)
      return names.has(normalized) || (METADATA_FILE.test(normalized) && folders.has(folderOf(normalized)))
    },
  }
}

/** However it was written down; some stores take two slashes for one. */
function normalizeLocation(location: string): string {
  return (equivalentLocations(location)[0] ?? location).replaceAll(/(?<!:)\/{2,}/g, '/')
}

function folderOf(location: string): string {
  return location.replace(/\/[^/]*$/, '')
}
