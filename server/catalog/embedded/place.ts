import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { type FolderClaim, isClaimFree, recordFolders } from '@/server/db/catalog-folders'
import { readNamespaces } from '@/server/db/catalog-namespaces'
import type { Change } from '@/server/db/database'
import { rootLength } from '@/server/storage/location-gate'
import { metadataFolder, tableFolders, type TablePlace } from '../table-folders'
import { claimOfFolders, spelt } from './claim'
import type { Parts } from './load-table'
import { folderOf, foldersAbove } from './location'

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
export async function requirePlace(
  parts: Parts,
  ref: TableRef,
  before: TablePlace | null,
  after: TablePlace,
): Promise<readonly string[]> {
  const taken = takenFolders(before, after)
  if (taken.some((folder) => rootLength(parts.warehouse, [folder]) !== null)) {
    throw new AppError('invalid-request', 'The folder of the warehouse cannot be a table’s: it is for all tables.')
  }
  // Its location may be a namespace's folder: a table and a namespace may have one name.
  const besides = taken.filter((folder) => folder !== spelt(after.location))
  if (besides.length > 0 && (await isAroundNamespace(parts, besides))) {
    throw new AppError('invalid-request', 'The folder of a namespace cannot be a table’s: it is for all its tables.')
  }
  if (taken.length > 0 && !(await isClaimFree(parts.database, ref, claimOf(parts, taken)))) throw notFree()
  return outermost(taken)
}

/**
 * As {@link requirePlace}, of a metadata file that is there already: it is not in another table's folder either.
 *
 * @returns what holds as long as nobody else has taken one of the folders
 */
export async function requireAdoptable(
  parts: Parts,
  ref: TableRef,
  before: TablePlace | null,
  { metadata, metadataLocation }: { metadata: TablePlace; metadataLocation: string },
): Promise<FolderClaim> {
  const claim = claimOf(parts, await requirePlace(parts, ref, before, metadata), [metadataLocation])
  if (!(await isClaimFree(parts.database, ref, claim))) throw notFree()
  return claim
}

/**
 * What must be free of others for a table to have these folders: no other has its metadata or a recorded folder in one
 * of them, or has a folder around them.
 *
 * @param files that are in nobody else's folder either
 */
export function claimOf({ warehouse }: Parts, folders: readonly string[], files: readonly string[] = []): FolderClaim {
  const around = [...folders, ...files].flatMap(foldersAbove).filter(isBelow(warehouse))
  return claimOfFolders(folders, around)
}

/**
 * Writes down which folders are a table's beside the one that its row shows by its metadata file. One that is for all
 * tables is nobody's, whatever was said of it before that was refused.
 */
export async function recordPlace(
  parts: Parts,
  ref: TableRef,
  place: TablePlace,
  metadataLocation: string,
): Promise<Change[]> {
  const shown = spelt(metadataLocation).replace(/\/+metadata\/+[^/]*$/, '')
  const beside = outermost(foldersOf(place)).filter((folder) => folder !== shown && isBelow(parts.warehouse)(folder))
  const own: string[] = []
  for (const folder of beside) {
    const isForAll = folder !== spelt(place.location) && (await isAroundNamespace(parts, [folder]))
    if (!isForAll) own.push(folder)
  }
  return recordFolders(
    ref,
    own.map((folder) => ({ folder: `${folder}/`, claim: claimOf(parts, [folder]) })),
  )
}

/**
 * Of changes that are made together.
 *
 * @param places the folders that each takes
 * @throws {AppError} already-exists when two of them take one folder, or one in the other's
 */
export function requireApart(places: readonly (readonly string[])[]): void {
  const folders = places.flatMap((place, index) => place.map((folder) => ({ index, text: `${spelt(folder)}/` })))
  // In order, a folder is followed by those in it.
  const ordered = folders.sort((a, b) => (a.text < b.text ? -1 : 1))
  const isShared = ordered.some(({ index, text }, at) => {
    const next = ordered[at + 1]
    return next !== undefined && next.index !== index && next.text.startsWith(text)
  })
  if (isShared) throw notFree()
}

function notFree(): AppError {
  return new AppError('already-exists', 'Another table is at the location asked for; a table needs its own folder.')
}

function takenFolders(before: TablePlace | null, after: TablePlace): string[] {
  const had = before === null ? [] : foldersOf(before)
  return foldersOf(after).filter((folder) => !had.includes(folder))
}

/**
 * A metadata folder named `metadata` stands for the one it is in: that is where a table with its metadata there would
 * be.
 */
function foldersOf(place: TablePlace): string[] {
  const around = metadataFolder(place).replace(/\/+metadata$/, '')
  return [...new Set([...tableFolders(place), around].map(spelt))]
}

function outermost(folders: readonly string[]): string[] {
  return folders.filter((one) => !folders.some((other) => other !== one && rootLength(one, [other]) !== null))
}

async function isAroundNamespace({ database, name, warehouse }: Parts, folders: readonly string[]): Promise<boolean> {
  const namespaces = await readNamespaces(database, name, null, { isDirect: false })
  return namespaces.some((namespace) => rootLength(folderOf(warehouse, namespace.split('.')), folders) !== null)
}

/** What is at the warehouse's folder or around it belongs to no table, whatever was put there by other writers. */
function isBelow(warehouse: string): (folder: string) => boolean {
  return (folder) => rootLength(warehouse, [folder]) === null
}
