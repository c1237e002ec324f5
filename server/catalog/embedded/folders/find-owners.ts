import 'server-only'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { readFolderOwners } from '@/server/db/catalog/table-folders'
import { readRowsBelow } from '@/server/db/catalog/table-rows'
import type { Database } from '@/server/db/database'
import { equivalentLocations } from '@/server/storage/location-gate'
import { normalizeFolder } from './folder-claim'
import { selfAndAncestorFolders } from './choose-location'

/** Which tables and views, of any catalog in the database, have a folder. */

/** One is enough to know that a folder is not free. */
const MAX_FOUND = 10

/**
 * Finds the tables and views that have a folder or their metadata in `location`, or have one of the folders around it.
 * At most 10 by their metadata, and 10 by their recorded folders.
 */
export async function findTablesWithin(database: Database, location: string): Promise<TableIdentifier[]> {
  const ancestors = selfAndAncestorFolders(location)
  const metadata = [location, ...ancestors.map((folder) => `${folder}/metadata`)]
  return [
    ...(await readRowsBelow(database, prefixesOf(metadata))),
    ...(await readFolderOwners(database, {
      prefixes: [`${normalizeFolder(location)}/`],
      folders: ancestors.map((folder) => `${normalizeFolder(folder)}/`),
      limit: MAX_FOUND,
    })),
  ]
}

/**
 * Finds the tables and views whose own folder this is: their metadata is in its `metadata`, or they name it by a
 * property. At most 10 of each.
 */
export async function findOwners(database: Database, folder: string): Promise<TableIdentifier[]> {
  return [
    ...(await readRowsBelow(database, prefixesOf([`${folder}/metadata`]))),
    ...(await readFolderOwners(database, { prefixes: [], folders: [`${normalizeFolder(folder)}/`], limit: MAX_FOUND })),
  ]
}

/** However a writer may have spelled these folders. */
function prefixesOf(folders: readonly string[]): string[] {
  return folders.flatMap(equivalentLocations).map((text) => `${text}/`)
}
