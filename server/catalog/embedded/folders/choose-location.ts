import 'server-only'
import { createHash, randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import { isClaimFree } from '@/server/db/catalog/table-folders'
import { readNamespaceProperties } from '@/server/db/catalog/namespaces'
import type { Database } from '@/server/db/database'
import type { ObjectStore } from '@/server/storage/object-store'
import { toFolderClaim } from './folder-claim'
import type { EmbeddedCatalogDeps } from '../load-table'

/** Characters of a folder name that every engine, store and policy reads in the same way. */
const SAFE_NAME = /^[\p{L}\p{N}_.-]+$/u
/** File systems allow 255 bytes. The rest is for suffixes, ours and those of other programs. */
const MAX_FOLDER_NAME_BYTES = 200

/**
 * Chooses the location of a new table or view: `warehouse/level/level/table`, as Java does, or a folder in the
 * `location` property of its own namespace, as PyIceberg and Polaris do; child namespaces do not inherit it. Two tables
 * must never share a folder, because cleaning one would destroy the other. So the folder gets a suffix when a dropped
 * or renamed table left files there, when a name contains unsafe characters, and when a table already owns the folder
 * of a namespace.
 *
 * @param requestedLocation from the client; without it, the default location
 * @throws {AppError} location-refused outside the warehouse; `requireFreeFolders` checks whether the folder is free
 */
export async function chooseLocation(
  { name, database, store, warehouse }: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  requestedLocation: string | undefined,
): Promise<string> {
  if (requestedLocation !== undefined) {
    const location = requestedLocation.replace(/\/+$/, '')
    store.checkLocation(location)
    return location
  }
  const namespaceLocation = await readNamespaceLocation(database, name, identifier.namespace)
  const names = namespaceLocation === null ? [...identifier.namespace, identifier.table] : [identifier.table]
  const defaultLocation = folderPath(namespaceLocation ?? warehouse, names)
  checkDefaultLocation(store, defaultLocation, namespaceLocation)
  const suffix = `-${randomUUID().slice(0, 8)}`
  if (namespaceLocation === null) {
    for (const [index] of identifier.namespace.entries()) {
      const folder = folderPath(warehouse, names.slice(0, index + 1))
      const isFree = await isClaimFree(database, identifier, toFolderClaim([], [folder]))
      if (!isFree) return folderPath(`${folder}${suffix}`, names.slice(index + 1))
    }
  }
  const isFree =
    (await isClaimFree(database, identifier, toFolderClaim([defaultLocation], []))) &&
    !(await store.hasFiles(defaultLocation))
  return isFree && names.every((one) => SAFE_NAME.test(one)) ? defaultLocation : `${defaultLocation}${suffix}`
}

function checkDefaultLocation(store: ObjectStore, location: string, namespaceLocation: string | null): void {
  try {
    store.checkLocation(location)
  } catch (error) {
    if (namespaceLocation === null || !(error instanceof AppError)) throw error
    // The client did not ask for this location: another program set the property.
    throw new AppError(
      error.code,
      `The property location of the namespace is ${namespaceLocation}, where no table can be. Nothing was changed; change the property, or choose a location for the table.`,
      { cause: error, facts: { ...error.facts, location: namespaceLocation } },
    )
  }
}

async function readNamespaceLocation(
  database: Database,
  catalog: string,
  namespace: Namespace,
): Promise<string | null> {
  const properties = await readNamespaceProperties(database, catalog, namespace)
  return chosenLocation(Object.fromEntries(properties.map(({ key, value }) => [key, value ?? ''])))
}

/** The `location` property of a namespace, without a slash at the end; null when it is not set or empty. */
export function chosenLocation(properties: Readonly<Record<string, string>>): string | null {
  return properties.location?.replace(/\/+$/, '') || null
}

/** Nested folders, one for each name, with safe characters and no longer than file systems allow. */
export function folderPath(base: string, names: readonly string[]): string {
  return [base, ...names.map(toFolderName)].join('/')
}

/** Shortens a name that is too long, and adds a hash that keeps it apart from names with the same beginning. */
function toFolderName(name: string): string {
  const safeName = name.replaceAll(/[^\p{L}\p{N}_.-]/gu, '_')
  if (Buffer.byteLength(safeName) <= MAX_FOLDER_NAME_BYTES) return safeName
  const suffix = `-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
  let start = ''
  let bytes = suffix.length
  for (const character of safeName) {
    bytes += Buffer.byteLength(character)
    if (bytes > MAX_FOLDER_NAME_BYTES) break
    start += character
  }
  return start + suffix
}

/** The location itself and every folder above it, below the scheme. */
export function selfAndAncestorFolders(location: string): string[] {
  const segments = location.split('/')
  return segments.flatMap((segment, index) =>
    index < 1 || segment === '' ? [] : [segments.slice(0, index + 1).join('/')],
  )
}
