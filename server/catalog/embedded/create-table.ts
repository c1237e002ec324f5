import 'server-only'
import { randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { newTableMetadata } from '@/lib/iceberg/new-table-metadata'
import type { CommitOptions, LoadedTable, NewTable } from '../catalog-client'
import type { Parts } from './load-table'
import { labelOf, requireTableName } from './names'
import { requireNamespace } from './namespaces'
import { checkLocationProperties, putMetadata } from './put-metadata'
import { insertTable, readTableRow } from './rows'

/** Of two that create one name at the same time, one wins; the other is told and leaves nothing behind. */
export async function createTable(
  parts: Parts,
  ref: TableRef,
  { schema, partitionSpec, sortOrder, location, properties = {} }: NewTable,
  options: CommitOptions = {},
): Promise<LoadedTable> {
  requireTableName(ref)
  if (ref.catalog !== parts.name) throw new AppError('not-found', `There is no catalog named ${ref.catalog}.`)
  requireNamespace(parts, ref.namespace)
  requireNameIsFree(parts, ref)
  checkLocationProperties(parts.store, properties)
  const metadata = newTableMetadata({
    schema,
    ...(partitionSpec && { partitionSpec }),
    ...(sortOrder && { sortOrder }),
    location: await locationFor(parts, ref, location),
    properties,
    tableUuid: randomUUID(),
    nowMs: Date.now(),
  })
  const swap = (metadataLocation: string) => insertTable(ref, metadataLocation)
  const created = await putMetadata(parts, { before: null, next: { ref, metadata, store: parts.store } }, swap, options)
  if (created) return created
  requireNamespace(parts, ref.namespace)
  requireNameIsFree(parts, ref)
  throw new AppError('commit-conflict', `${labelOf(ref)} was created and removed by somebody else meanwhile.`)
}

function requireNameIsFree({ database }: Parts, ref: TableRef): void {
  const taken = readTableRow(database, ref)
  if (taken) throw new AppError('already-exists', `${taken.isView ? 'View' : 'Table'} already exists: ${labelOf(ref)}`)
}

/**
 * `warehouse/level/level/table`, as Java chooses it. Two tables must never share a folder, or cleaning one would
 * destroy the other: where a dropped or renamed table left files, a suffix keeps them apart.
 *
 * @throws {AppError} already-exists when the folder asked for holds files, forbidden outside the warehouse
 */
async function locationFor({ warehouse, store }: Parts, ref: TableRef, asked: string | undefined): Promise<string> {
  if (asked !== undefined) {
    const location = asked.replace(/\/+$/, '')
    if (await store.hasFiles(location)) {
      throw new AppError('already-exists', 'There are files at the location asked for; a table needs its own folder.')
    }
    return location
  }
  const usual = [warehouse, ...ref.namespace, ref.table].join('/')
  return (await store.hasFiles(usual)) ? `${usual}-${randomUUID().slice(0, 8)}` : usual
}
