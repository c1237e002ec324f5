import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { readTableRow } from '@/server/db/catalog/table-rows'
import { type Change, UnexpectedChanges } from '@/server/db/database'
import type { TableLocations } from '../table-folders'
import type { EmbeddedCatalogDeps } from './load-table'
import { labelOf } from './names'
import { planFolderRecords } from './folders/folder-ownership'

/**
 * New metadata of one table or view.
 *
 * `write` puts the file there, durable, and gives its location; `swap` is the change of the row and expects one row;
 * `place` is where it is then.
 */
export type MetadataPut = {
  identifier: TableIdentifier
  write: () => Promise<string>
  swap: (metadataLocation: string) => Change
  tableLocations: TableLocations
}

/**
 * Makes new metadata the tables': the files first, durable, then the catalog's rows, all in one transaction with what
 * belongs to the commit. A failure that is certain takes the files away again; an outcome that is not known leaves
 * every file where it is.
 *
 * @param puts with, as `held`, what expects rows that are not changed to be as they were read
 * @param alongside further changes, by the locations in the order of `puts`
 * @returns the locations, or null when a row was not as expected: somebody else was first
 * @throws {AppError} commit-state-unknown
 * @throws {UnexpectedChanges} of a change alongside, by its index there
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
        `It is not known whether the commit to ${labels} happened. Nothing was removed; look at the table before trying again.`,
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
 * Whether the rows name what we wrote, though nobody said so. One row is enough: they were changed together. Where
 * somebody else has committed since, it stays unknown.
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

/** A metadata file that no row names harms nobody: failing to remove it must not hide why the commit failed. */
async function removeUncommitted({ store, log }: EmbeddedCatalogDeps, metadataLocation: string): Promise<void> {
  try {
    await store.remove(metadataLocation)
  } catch (error) {
    log.error(error, { doing: 'removing a metadata file that was not committed', metadataLocation })
  }
}
