import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readFolderOwners } from '@/server/db/catalog/table-folders'
import { readRowsBelow } from '@/server/db/catalog/table-rows'
import type { Database } from '@/server/db/database'
import { equivalentLocations } from '@/server/locations/location-gate'
import { normalizeFolder } from './folder-claim'
import { selfAndAncestorFolders } from './choose-location'

/** Finds which tables and views, of any catalog in the database, own a folder. */

/** One owner is enough to know that a folder is not free. */
export const MAX_FOUND = 10

/**
 * Finds the tables and views that have a folder or their metadata in `location`, or own one of the folders around it.
 * Returns at most 10 found by metadata and 10 found by recorded folders.
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
 * Finds the tables and views that own this folder: their metadata is in its `metadata` folder, or a property names it.
 * Returns at most 10 of each.
 */
export async function findOwners(database: Database, folder: string): Promise<TableIdentifier[]> {
  return [
    ...(await readRowsBelow(database, prefixesOf([`${folder}/metadata`]))),
    ...(await readFolderOwners(database, { prefixes: [], folders: [`${normalizeFolder(folder)}/`], limit: MAX_FOUND })),
  ]
}

/** All spellings of these folders that a writer may have used. */
function prefixesOf(folders: readonly string[]): string[] {
  return folders.flatMap(equivalentLocations).map((text) => `${text}/`)
}
