import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type FolderClaim, isClaimFree, recordFolders } from '@/server/db/catalog/table-folders'
import { readNamespaces } from '@/server/db/catalog/namespaces'
import type { Change } from '@/server/db/database'
import { rootLength } from '@/server/locations/location-gate'
import { metadataFolder, tableFolders, type TableLocations } from '@/server/catalog/folders/table-folders'
import { toFolderClaim, normalizeFolder } from './folder-claim'
import type { EmbeddedCatalogDeps } from '../load-table'
import { folderPath, selfAndAncestorFolders } from './choose-location'

/**
 * The folders that a table or view owns; `docs/folders.md` has the rules. Two tables must never share a folder or be
 * nested in each other: cleaning one would destroy the other, and a purge could no longer tell whose files they are. The
 * change of the row repeats the checks of this module, because another writer may take a folder in between.
 */

/**
 * Returns the folders that a change claims, after checking that they are free.
 *
 * @param before null for a new table
 * @returns empty when the table does not move
 * @throws {AppError} already-exists when a folder is inside another table's folder or contains one; invalid-request for
 *   the folder of the warehouse, and for the folder of a namespace unless it is the table's location
 */
export async function requireFreeFolders(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  before: TableLocations | null,
  after: TableLocations,
): Promise<readonly string[]> {
  const newFolders = findNewFolders(before, after)
  if (newFolders.some((folder) => rootLength(deps.warehouse, [folder]) !== null)) {
    throw new AppError('invalid-request', 'A table cannot own the folder of the warehouse, which all tables share.')
  }
  // The location may be a namespace's folder, because a table and a namespace may have the same name.
  const otherFolders = newFolders.filter((folder) => folder !== normalizeFolder(after.location))
  if (otherFolders.length > 0 && (await containsNamespaceFolder(deps, otherFolders))) {
    throw new AppError('invalid-request', 'A table cannot own the folder of a namespace, which all its tables share.')
  }
  if (newFolders.length > 0 && !(await isClaimFree(deps.database, identifier, buildFolderClaim(deps, newFolders))))
    throw folderTakenError()
  return removeNested(newFolders)
}

/**
 * As {@link requireFreeFolders}, for an existing metadata file, which must not be in another table's folder either.
 *
 * @returns the claim, which holds as long as no other table has taken one of the folders
 */
export async function requireRegistrable(
  deps: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  before: TableLocations | null,
  { metadata, metadataLocation }: { metadata: TableLocations; metadataLocation: string },
): Promise<FolderClaim> {
  const claim = buildFolderClaim(deps, await requireFreeFolders(deps, identifier, before, metadata), [metadataLocation])
  if (!(await isClaimFree(deps.database, identifier, claim))) throw folderTakenError()
  return claim
}

/**
 * The claim of a table to these folders: no other table may have its metadata or a recorded folder in them, or own a
 * folder around them.
 *
 * @param files that must not be in another table's folder either
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
 * Records the folders of a table in addition to the one that its row implies by its metadata file. A folder that all
 * tables share is never recorded, even when older metadata claims it.
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
 * Checks changes that belong to one transaction.
 *
 * @param folderSets the folders that each change claims
 * @throws {AppError} already-exists when two of them claim the same folder or nested folders
 */
export function requireDisjointFolders(folderSets: readonly (readonly string[])[]): void {
  const folders = folderSets.flatMap((folderSet, index) =>
    folderSet.map((folder) => ({ index, text: `${normalizeFolder(folder)}/` })),
  )
  // In sorted order, nested folders directly follow the folder that contains them.
  const ordered = folders.sort((a, b) => (a.text < b.text ? -1 : 1))
  const isShared = ordered.some(({ index, text }, position) => {
    const next = ordered[position + 1]
    return next !== undefined && next.index !== index && next.text.startsWith(text)
  })
  if (isShared) throw folderTakenError()
}

function folderTakenError(): AppError {
  return new AppError(
    'already-exists',
    'Another table uses the requested location. Nothing was changed; choose a separate folder.',
  )
}

function findNewFolders(before: TableLocations | null, after: TableLocations): string[] {
  const previousFolders = before === null ? [] : ownFolders(before)
  return ownFolders(after).filter((folder) => !previousFolders.includes(folder))
}

/**
 * A metadata folder named `metadata` also claims its parent, because a table with metadata there would be in the
 * parent.
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

/** The warehouse's folder and the folders around it belong to no table, whatever other writers put there. */
function isNotAncestorOf(warehouse: string): (folder: string) => boolean {
  return (folder) => rootLength(warehouse, [folder]) === null
}
