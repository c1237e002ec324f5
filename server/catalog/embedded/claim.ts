import 'server-only'
import type { FolderClaim } from '@/server/db/catalog-folders'
import { spellingsOf } from '@/server/storage/location-gate'

/**
 * How a claim to folders reads in the database: writers spell one folder in several ways, so metadata files are compared
 * with each of them. Recorded folders have one spelling, and a slash at their end.
 */

/**
 * @param folders in which no other may have its metadata or a folder
 * @param around folders that no other may have as its own
 */
export function claimOfFolders(folders: readonly string[], around: readonly string[]): FolderClaim {
  return {
    metadataPrefixes: folders.flatMap(spellingsOf).map((text) => `${text}/`),
    directMetadataPrefixes: around.flatMap(spellingsOf).map((text) => `${text}/metadata/`),
    folderPrefixes: folders.map((folder) => `${spelt(folder)}/`),
    folders: around.map((folder) => `${spelt(folder)}/`),
  }
}

/** Of the ways to spell a folder, the one that folders are compared in; without a slash at the end. */
export function spelt(folder: string): string {
  return spellingsOf(folder)[0]?.replace(/\/+$/, '') ?? folder
}
