import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { type FolderClaim, isClaimFree, recordFolders } from '@/server/db/catalog/table-folders'
import { readNamespaces } from '@/server/db/catalog/namespaces'
import type { Change } from '@/server/db/database'
import { rootLength } from '@/server/storage/location-gate'
import { metadataFolder, tableFolders, type TableLocations } from '@/server/catalog/table-folders'
import { toFolderClaim, normalizeFolder } from './folder-claim'
import type { EmbeddedCatalogDeps } from '../load-table'
import { folderPath, selfAndAncestorFolders } from './choose-location'

/**
 * The folders that a table or view has for itself. Two must never share one or be in each other's: cleaning one would
 * destroy the other, and a purge could no longer tell whose the files are.
 *
 * What is judged here is judged again by the change of the row, as another may take a folder meanwhile.
 */

/**
 * The folders that a change takes, after they were found to be free.
 *
 * @param before null of one that is made
 * @returns none where it stays where it is
 * @throws {AppError} already-exists when a folder is in another table's or holds one, invalid-request for the
 *   warehouse's folder and, but as location, a namespace's
 */
export async function requireFreeFolders(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  before: TableLocations | null,
  after: TableLocations,
): Promise<readonly string[]> {
  const newFolders = findNewFolders(before, after)
  if (newFolders.some((folder) => rootLength(deps.warehouse, [folder]) !== null)) {
    throw new AppError('invalid-request', 'The folder of the warehouse cannot be a table’s: it is for all tables.')
  }
  // Its location may be a namespace's folder: a table and a namespace may have one name.
  const otherFolders = newFolders.filter((folder) => folder !== normalizeFolder(after.location))
  if (otherFolders.length > 0 && (await containsNamespaceFolder(deps, otherFolders))) {
    throw new AppError('invalid-request', 'The folder of a namespace cannot be a table’s: it is for all its tables.')
  }
  if (newFolders.length > 0 && !(await isClaimFree(deps.database, identifier, buildFolderClaim(deps, newFolders))))
    throw folderTaken()
  return removeNested(newFolders)
}

/**
 * As {@link requireFreeFolders}, of a metadata file that is there already: it is not in another table's folder either.
 *
 * @returns what holds as long as nobody else has taken one of the folders
 */
export async function requireRegistrable(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  before: TableLocations | null,
  { metadata, metadataLocation }: { metadata: TableLocations; metadataLocation: string },
): Promise<FolderClaim> {
  const claim = buildFolderClaim(deps, await requireFreeFolders(deps, identifier, before, metadata), [metadataLocation])
  if (!(await isClaimFree(deps.database, identifier, claim))) throw folderTaken()
  return claim
}

/**
 * What must be free of others for a table to have these folders: no other has its metadata or a recorded folder in one
 * of them, or has a folder around them.
 *
 * @param files that are in nobody else's folder either
 */
export function buildFolderClaim(
  { warehouse }: EmbeddedCatalogDeps,
  folders: readonly string[],
  files: readonly string[] = [],
): FolderClaim {
  const ancestors = [...folders, ...files].flatMap(selfAndAncestorFolders).filter(isNotAncestorOf(warehouse))
  return toFolderClaim(folders, ancestors)
}

/**
 * Writes down which folders are a table's beside the one that its row shows by its metadata file. One that is for all
 * tables is nobody's, whatever was said of it before that was refused.
 */
export async function planFolderRecords(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  locations: TableLocations,
  metadataLocation: string,
): Promise<Change[]> {
  const impliedFolder = normalizeFolder(metadataLocation).replace(/\/+metadata\/+[^/]*$/, '')
  const additional = removeNested(ownFolders(locations)).filter(
    (folder) => folder !== impliedFolder && isNotAncestorOf(deps.warehouse)(folder),
  )
  const own: string[] = []
  for (const folder of additional) {
    const isSharedFolder =
      folder !== normalizeFolder(locations.location) && (await containsNamespaceFolder(deps, [folder]))
    if (!isSharedFolder) own.push(folder)
  }
  return recordFolders(
    identifier,
    own.map((folder) => ({ folder: `${folder}/`, claim: buildFolderClaim(deps, [folder]) })),
  )
}

/**
 * Of changes that are made together.
 *
 * @param folderSets the folders that each takes
 * @throws {AppError} already-exists when two of them take one folder, or one in the other's
 */
export function requireDisjointFolders(folderSets: readonly (readonly string[])[]): void {
  const folders = folderSets.flatMap((folderSet, index) =>
    folderSet.map((folder) => ({ index, text: `${normalizeFolder(folder)}/` })),
  )
  // In order, a folder is followed by those in it.
  const ordered = folders.sort((a, b) => (a.text < b.text ? -1 : 1))
  const isShared = ordered.some(({ index, text }, position) => {
    const next = ordered[position + 1]
    return next !== undefined && next.index !== index && next.text.startsWith(text)
  })
  if (isShared) throw folderTaken()
}

function folderTaken(): AppError {
  return new AppError('already-exists', 'Another table is at the location asked for; a table needs its own folder.')
}

function findNewFolders(before: TableLocations | null, after: TableLocations): string[] {
  const previousFolders = before === null ? [] : ownFolders(before)
  return ownFolders(after).filter((folder) => !previousFolders.includes(folder))
}

/**
 * A metadata folder named `metadata` stands for the one it is in: that is where a table with its metadata there would
 * be.
 */
function ownFolders(locations: TableLocations): string[] {
  const metadataParent = metadataFolder(locations).replace(/\/+metadata$/, '')
  return [...new Set([...tableFolders(locations), metadataParent].map(normalizeFolder))]
}

function removeNested(folders: readonly string[]): string[] {
  return folders.filter((one) => !folders.some((other) => other !== one && rootLength(one, [other]) !== null))
}

async function containsNamespaceFolder(
  { database, name, warehouse }: EmbeddedCatalogDeps,
  folders: readonly string[],
): Promise<boolean> {
  const namespaces = await readNamespaces(database, name, null, { isDirect: false })
  return namespaces.some((namespace) => rootLength(folderPath(warehouse, namespace.split('.')), folders) !== null)
}

/** What is at the warehouse's folder or around it belongs to no table, whatever was put there by other writers. */
function isNotAncestorOf(warehouse: string): (folder: string) => boolean {
  return (folder) => rootLength(warehouse, [folder]) === null
}
