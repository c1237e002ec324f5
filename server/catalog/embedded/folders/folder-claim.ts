import 'server-only'
import type { FolderClaim } from '@/server/db/catalog/table-folders'
import { equivalentLocations } from '@/server/storage/location-gate'

/**
 * How a claim to folders reads in the database: writers spell one folder in several ways, so metadata files are compared
 * with each of them. Recorded folders have one spelling, and a slash at their end.
 */

/**
 * @param folders in which no other may have its metadata or a folder
 * @param ancestors folders that no other may have as its own
 */
export function toFolderClaim(folders: readonly string[], ancestors: readonly string[]): FolderClaim {
  return {
    metadataPrefixes: folders.flatMap(equivalentLocations).map((text) => `${text}/`),
    directMetadataPrefixes: ancestors.flatMap(equivalentLocations).map((text) => `${text}/metadata/`),
    folderPrefixes: folders.map((folder) => `${normalizeFolder(folder)}/`),
    folders: ancestors.map((folder) => `${normalizeFolder(folder)}/`),
  }
}

/** Of the ways to spell a folder, the one that folders are compared in; without a slash at the end. */
export function normalizeFolder(folder: string): string {
  return equivalentLocations(folder)[0]?.replace(/\/+$/, '') ?? folder
}
