import 'server-only'
import type { FolderClaim } from '@/server/db/catalog/table-folders'
import { equivalentLocations } from '@/server/locations/location-gate'

/**
 * How the database stores a claim to folders. Writers spell one folder in several ways, so metadata files are compared
 * with every spelling. Recorded folders have one spelling, with a slash at the end.
 */

/**
 * @param folders in which no other table may have its metadata or a folder
 * @param ancestors folders that no other table may own
 */
export function toFolderClaim(folders: readonly string[], ancestors: readonly string[]): FolderClaim {
  return {
    metadataPrefixes: folders.flatMap(equivalentLocations).map((text) => `${text}/`),
    directMetadataPrefixes: ancestors.flatMap(equivalentLocations).map((text) => `${text}/metadata/`),
    folderPrefixes: folders.map((folder) => `${normalizeFolder(folder)}/`),
    folders: ancestors.map((folder) => `${normalizeFolder(folder)}/`),
  }
}

/** Normalizes a folder for comparisons, without a slash at the end. */
export function normalizeFolder(folder: string): string {
  return equivalentLocations(folder)[0]?.replace(/\/+$/, '') ?? folder
}
