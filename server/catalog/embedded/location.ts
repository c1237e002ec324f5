import 'server-only'
import { randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import type { Parts } from './load-table'
import { readRowsWithin } from './rows'

/** What a folder's name may be made of without being read differently by some engine, store or policy. */
const PLAIN = /^[\p{L}\p{N}_.-]+$/u

/**
 * Where a new table or view is put: `warehouse/level/level/table`, as Java chooses it. Two tables must never share a
 * folder, or cleaning one would destroy the other: where a dropped or renamed table left files, and where names are
 * not plain, a suffix keeps them apart.
 *
 * @param asked by the client; without it, the usual place
 * @throws {AppError} already-exists when the place asked for is in another table's folder or holds one, forbidden
 *   outside the warehouse
 */
export async function newLocation(
  { database, store, warehouse }: Parts,
  ref: TableRef,
  asked: string | undefined,
): Promise<string> {
  if (asked !== undefined) {
    const location = asked.replace(/\/+$/, '')
    store.checkLocation(location)
    if (readRowsWithin(database, location, foldersAbove(location)).length > 0) {
      throw new AppError('already-exists', 'Another table is at the location asked for; a table needs its own folder.')
    }
    return location
  }
  const names = [...ref.namespace, ref.table]
  const usual = [warehouse, ...names.map((name) => name.replaceAll(/[^\p{L}\p{N}_.-]/gu, '_'))].join('/')
  const isUsual = names.every((name) => PLAIN.test(name)) && !(await store.hasFiles(usual))
  return isUsual ? usual : `${usual}-${randomUUID().slice(0, 8)}`
}

/** The location itself and every folder above it, below the scheme. */
export function foldersAbove(location: string): string[] {
  const segments = location.split('/')
  return segments.flatMap((segment, index) =>
    index < 1 || segment === '' ? [] : [segments.slice(0, index + 1).join('/')],
  )
}
