import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { insertRow, readTableRow, type RowKind, swapMetadata } from '@/server/db/catalog/table-rows'
import { type Change, UnexpectedChanges } from '@/server/db/database'
import type { TableLocations } from '../folders/table-folders'
import type { EmbeddedCatalogDeps } from './load-table'
import { labelOf } from './names'
import { buildFolderClaim, planFolderRecords } from './folders/folder-ownership'

/**
 * New metadata of one table or view.
 *
 * `write` writes the file durably and returns its location. `swap` is the change of the row and expects to change one
 * row. `tableLocations` are the location and properties of the new metadata.
 */
export type MetadataPut = {
  identifier: TableIdentifier
  write: () => Promise<string>
  swap: (metadataLocation: string) => Change
  tableLocations: TableLocations
}

/** @param previousLocation the metadata file that the row names now; null when there is no row yet */
export function metadataPut(
  deps: EmbeddedCatalogDeps,
  kind: RowKind,
  {
    identifier,
    previousLocation,
    metadata,
    newFolders,
    write,
  }: {
    identifier: TableIdentifier
    previousLocation: string | null
    metadata: TableLocations
    newFolders: readonly string[]
    write: MetadataPut['write']
  },
): MetadataPut {
  const claim = buildFolderClaim(deps, newFolders)
  return {
    identifier,
    write,
    swap: (location) =>
      previousLocation === null
        ? insertRow(identifier, location, kind, claim)
        : swapMetadata(identifier, previousLocation, location, kind, claim),
    tableLocations: metadata,
  }
}

/**
 * Makes new metadata current. It first writes the files durably, then changes the catalog's rows, in one transaction
 * with everything that belongs to the commit. After a certain failure it removes the files. When the outcome is unknown
 * it removes nothing.
 *
 * @param puts the new metadata; `expectedRows` are changes that fail when rows of unchanged tables differ from what was
 *   read
 * @param alongside builds further changes from the locations, in the order of `puts`
 * @returns the locations, or null when a row was not as expected because another writer was first
 * @throws {AppError} commit-state-unknown
 * @throws {UnexpectedChanges} when a change of `alongside` fails, with its index there
 */
export async function putMetadata(
  deps: EmbeddedCatalogDeps,
  { puts, expectedRows = [] }: { puts: readonly MetadataPut[]; expectedRows?: readonly Change[] },
  alongside: (metadataLocations: readonly string[]) => readonly Change[],
  signal?: AbortSignal,
): Promise<string[] | null> {
  signal?.throwIfAborted()
  const locations: string[] = []
  const records: Change[] = []
  try {
    for (const { write } of puts) locations.push(await write())
    const swaps = puts.map(({ swap }, index) => swap(locations[index] ?? ''))
    for (const [index, { identifier, tableLocations }] of puts.entries()) {
      records.push(...(await planFolderRecords(deps, identifier, tableLocations, locations[index] ?? '')))
    }
    await deps.database.commit([...swaps, ...expectedRows, ...records, ...alongside(locations)])
    return locations
  } catch (error) {
    if (error instanceof AppError && error.code === 'commit-state-unknown') {
      if (await isCommitted(deps, puts, locations)) return locations
      const labels = puts.map(({ identifier }) => labelOf(identifier)).join(', ')
      throw new AppError(
        'commit-state-unknown',
        `The outcome of the commit to ${labels} is unknown. No files were removed; check the table before you try again.`,
        { cause: error, facts: { metadataLocation: locations[0] ?? null } },
      )
    }
    for (const location of locations) await removeUncommitted(deps, location)
    if (!(error instanceof UnexpectedChanges)) throw error
    const ownChangeCount = puts.length + expectedRows.length + records.length
    if (error.index >= ownChangeCount) throw new UnexpectedChanges(error.index - ownChangeCount, error.changes)
    return null
  }
}

/**
 * Whether the rows name the files that we wrote, although the database did not confirm the commit. One row is enough,
 * because one transaction changed them all. The outcome stays unknown when another writer has committed since.
 */
async function isCommitted(
  { database, log }: EmbeddedCatalogDeps,
  puts: readonly MetadataPut[],
  locations: readonly string[],
): Promise<boolean> {
  try {
    for (const [index, { identifier }] of puts.entries()) {
      const row = await readTableRow(database, identifier)
      if (row?.metadataLocation === locations[index] || row?.previousMetadataLocation === locations[index]) return true
    }
    return false
  } catch (error) {
    log.error(error, { doing: 'looking up the outcome of a commit', metadataLocation: locations[0] ?? null })
    return false
  }
}

/** A metadata file that no row names does no harm, so a failure to remove it must not hide why the commit failed. */
async function removeUncommitted({ store, log }: EmbeddedCatalogDeps, metadataLocation: string): Promise<void> {
  try {
    await store.remove(metadataLocation)
  } catch (error) {
    log.error(error, { doing: 'removing a metadata file that was not committed', metadataLocation })
  }
}
