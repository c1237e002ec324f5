import 'server-only'
import { randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { newTableMetadata } from '@/lib/iceberg/new-table-metadata'
import { requireNewTableFits } from '@/lib/iceberg/size-limits'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'
import { insertRow, readTableRow, type RowKind } from '@/server/db/catalog-rows'
import type { CommitOptions, LoadedTable, NewTable, StagedTable } from '../catalog-client'
import { checkLocationProperties } from './check-locations'
import type { Parts } from './load-table'
import { newLocation } from './location'
import { labelOf, requireTableName } from './names'
import { requireNamespace } from './namespaces'
import { claimOf, requirePlace } from './place'
import { putMetadata } from './put-metadata'

/** Of two that create one name at the same time, one wins; the other is told and leaves nothing behind. */
export async function createTable(
  parts: Parts,
  ref: TableRef,
  table: NewTable,
  options: CommitOptions = {},
): Promise<LoadedTable> {
  const { metadata } = await stageTable(parts, ref, table)
  const created = await insertTable(parts, ref, metadata, options)
  if (created) return created
  await requireNamespace(parts, ref.namespace)
  await requireNameIsFree(parts, ref, 'table')
  await requirePlace(parts, ref, null, metadata)
  throw new AppError('commit-conflict', `${labelOf(ref)} was created and removed by somebody else meanwhile.`)
}

/** What would be created; nothing is written. */
export async function stageTable(
  parts: Parts,
  ref: TableRef,
  { schema, partitionSpec, sortOrder, location, properties = {} }: NewTable,
): Promise<StagedTable> {
  await requireNewName(parts, ref)
  await requireNameIsFree(parts, ref, 'table')
  checkLocationProperties(parts.store, properties)
  requireNewTableFits({ schema, partitionSpec, sortOrder, properties })
  const metadata = newTableMetadata({
    schema,
    ...(partitionSpec && { partitionSpec }),
    ...(sortOrder && { sortOrder }),
    location: await newLocation(parts, ref, location),
    properties,
    tableUuid: randomUUID(),
    nowMs: Date.now(),
  })
  await requirePlace(parts, ref, null, metadata)
  return { ref, metadata }
}

/** Null when the name or the place was taken meanwhile, or the namespace is gone. */
export async function insertTable(
  parts: Parts,
  ref: TableRef,
  metadata: TableMetadata,
  { alongside, signal }: CommitOptions,
): Promise<LoadedTable | null> {
  const loadedAt = (metadataLocation: string) => ({ ref, metadataLocation, metadata, store: parts.store })
  const write = () => parts.metadataFiles.writeTable(parts.store, metadata, { label: labelOf(ref), before: null })
  const claim = claimOf(parts, await requirePlace(parts, ref, null, metadata))
  const put = { ref, write, swap: (location: string) => insertRow(ref, location, 'table', claim), place: metadata }
  const locations = await putMetadata(
    parts,
    { puts: [put] },
    ([location = '']) => alongside?.({ before: null, after: loadedAt(location) }) ?? [],
    signal,
  )
  return locations && loadedAt(locations[0] ?? '')
}

/** @throws {AppError} invalid-request for a name that cannot be, not-found for a catalog or namespace that is not there */
export async function requireNewName(parts: Parts, ref: TableRef): Promise<void> {
  requireTableName(ref)
  if (ref.catalog !== parts.name) throw new AppError('not-found', `There is no catalog named ${ref.catalog}.`)
  await requireNamespace(parts, ref.namespace)
}

/** @throws {AppError} already-exists */
export async function requireNameIsFree({ database }: Parts, ref: TableRef, kind: RowKind): Promise<void> {
  const taken = await readTableRow(database, ref)
  if (!taken) return
  const what = taken.isView ? 'View' : 'Table'
  const isOther = taken.isView !== (kind === 'view')
  throw new AppError('already-exists', `${what}${isOther ? ' with same name' : ''} already exists: ${labelOf(ref)}`)
}
