import 'server-only'
import { createHash, randomUUID } from 'node:crypto'
import type { Namespace, TableRef } from '@/lib/iceberg/identifiers'
import { isClaimFree } from '@/server/db/catalog-folders'
import { readNamespaceProperties } from '@/server/db/catalog-namespaces'
import type { Database } from '@/server/db/database'
import { claimOfFolders } from './claim'
import type { Parts } from './load-table'

/** What a folder's name may be made of without being read differently by some engine, store or policy. */
const PLAIN = /^[\p{L}\p{N}_.-]+$/u
/** File systems take 255; what is left is for suffixes, ours and others'. */
const LONGEST_FOLDER_BYTES = 200

/**
 * Where a new table or view is put: `warehouse/level/level/table`, as Java chooses it, or in the `location` that its
 * namespace itself has among its properties, as PyIceberg and Polaris do; namespaces below do not inherit it. Two
 * tables must never share a folder, or cleaning one would destroy the other: where a dropped or renamed table left
 * files, and where names are not plain, a suffix keeps them apart. Where a table has the folder of a namespace for
 * itself, that folder gets the suffix.
 *
 * @param asked by the client; without it, the usual place
 * @throws {AppError} forbidden outside the warehouse; whether the place is free is for `requirePlace` to say
 */
export async function newLocation(
  { name, database, store, warehouse }: Parts,
  ref: TableRef,
  asked: string | undefined,
): Promise<string> {
  if (asked !== undefined) {
    const location = asked.replace(/\/+$/, '')
    store.checkLocation(location)
    return location
  }
  const ofNamespace = await ownLocation(database, name, ref.namespace)
  const names = ofNamespace === null ? [...ref.namespace, ref.table] : [ref.table]
  const usual = folderOf(ofNamespace ?? warehouse, names)
  store.checkLocation(usual)
  const suffix = `-${randomUUID().slice(0, 8)}`
  if (ofNamespace === null) {
    for (const [index] of ref.namespace.entries()) {
      const folder = folderOf(warehouse, names.slice(0, index + 1))
      const isFree = await isClaimFree(database, ref, claimOfFolders([], [folder]))
      if (!isFree) return folderOf(`${folder}${suffix}`, names.slice(index + 1))
    }
  }
  const isFree = (await isClaimFree(database, ref, claimOfFolders([usual], []))) && !(await store.hasFiles(usual))
  return isFree && names.every((one) => PLAIN.test(one)) ? usual : `${usual}${suffix}`
}

/** What somebody set, without a slash at the end; null where nobody did, or set nothing. */
async function ownLocation(database: Database, catalog: string, namespace: Namespace): Promise<string | null> {
  const properties = await readNamespaceProperties(database, catalog, namespace)
  const set = properties.find(({ key }) => key === 'location')
  return set?.value?.replace(/\/+$/, '') || null
}

/** A folder in the one around for each name, of plain characters and no longer than file systems take. */
export function folderOf(around: string, names: readonly string[]): string {
  return [around, ...names.map(folderName)].join('/')
}

/** Of a name that is too long, as much as there is room for, and a hash that tells it from others that begin alike. */
function folderName(name: string): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}_.-]/gu, '_')
  if (Buffer.byteLength(plain) <= LONGEST_FOLDER_BYTES) return plain
  const ending = `-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
  let start = ''
  let bytes = ending.length
  for (const character of plain) {
    bytes += Buffer.byteLength(character)
    if (bytes > LONGEST_FOLDER_BYTES) break
    start += character
  }
  return start + ending
}

/** The location itself and every folder above it, below the scheme. */
export function foldersAbove(location: string): string[] {
  const segments = location.split('/')
  return segments.flatMap((segment, index) =>
    index < 1 || segment === '' ? [] : [segments.slice(0, index + 1).join('/')],
  )
}
