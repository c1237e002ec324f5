import 'server-only'
import { createHash, randomUUID } from 'node:crypto'
import type { Namespace, TableIdentifier } from '@/lib/iceberg/identifiers'
import { isClaimFree } from '@/server/db/catalog/table-folders'
import { readNamespaceProperties } from '@/server/db/catalog/namespaces'
import type { Database } from '@/server/db/database'
import { toFolderClaim } from './folder-claim'
import type { EmbeddedCatalogDeps } from '../load-table'

/** What a folder's name may be made of without being read differently by some engine, store or policy. */
const SAFE_NAME = /^[\p{L}\p{N}_.-]+$/u
/** File systems take 255; what is left is for suffixes, ours and others'. */
const MAX_FOLDER_NAME_BYTES = 200

/**
 * Where a new table or view is put: `warehouse/level/level/table`, as Java chooses it, or in the `location` that its
 * namespace itself has among its properties, as PyIceberg and Polaris do; namespaces below do not inherit it. Two
 * tables must never share a folder, or cleaning one would destroy the other: where a dropped or renamed table left
 * files, and where names are not plain, a suffix keeps them apart. Where a table has the folder of a namespace for
 * itself, that folder gets the suffix.
 *
 * @param requestedLocation by the client; without it, the usual place
 * @throws {AppError} forbidden outside the warehouse; whether the place is free is for `requireFreeFolders` to say
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
  store.checkLocation(defaultLocation)
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

/** What somebody set, without a slash at the end; null where nobody did, or set nothing. */
async function readNamespaceLocation(
  database: Database,
  catalog: string,
  namespace: Namespace,
): Promise<string | null> {
  const properties = await readNamespaceProperties(database, catalog, namespace)
  const property = properties.find(({ key }) => key === 'location')
  return property?.value?.replace(/\/+$/, '') || null
}

/** A folder in the one around for each name, of plain characters and no longer than file systems take. */
export function folderPath(base: string, names: readonly string[]): string {
  return [base, ...names.map(toFolderName)].join('/')
}

/** Of a name that is too long, as much as there is room for, and a hash that tells it from others that begin alike. */
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
