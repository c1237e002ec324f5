import 'server-only'
import { spellingsOf } from '@/server/storage/location-gate'
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
  const named = [metadataLocation, ...metadata.metadataLog.map(({ metadataFile }) => metadataFile)].map(asOne)
  const folders = new Set([asOne(`${metadataFolder(metadata)}/`), ...named.map(folderOf)])
  const names = new Set(named)
  return {
    /** Whether the table tells of it. */
    isNamed: (location: string): boolean => names.has(asOne(location)),
    /** Whether it is one, or would be. */
    isMetadataFile(location: string): boolean {
      const one = asOne(location)
      return names.has(one) || (METADATA_FILE.test(one) && folders.has(folderOf(one)))
    },
  }
}

/** However it was written down; some stores take two slashes for one. */
function asOne(location: string): string {
  return (spellingsOf(location)[0] ?? location).replaceAll(/(?<!:)\/{2,}/g, '/')
}

function folderOf(location: string): string {
  return location.replace(/\/[^/]*$/, '')
}
