import 'server-only'
import { AppError } from '@/lib/errors'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { TableUpdate } from '@/lib/iceberg/table-update'
import { type Statement, UnexpectedChanges } from '@/server/db/database'
import { logError } from '@/server/log'
import type { CommitOptions, LoadedTable } from '../catalog-client'
import { loadTable, type Parts } from './load-table'
import { writeMetadataFile } from './metadata-files'
import { labelOf } from './names'

/** Properties that say where a table's files are put; each passes the location gate. */
const LOCATION_PROPERTIES = [
  'write.data.path',
  'write.metadata.path',
  'write.object-storage.path',
  'write.folder-storage.path',
]

/**
 * Makes new metadata the table's: the file first, durable, then the catalog's row, in one transaction with what
 * belongs to the commit. A failure that is certain takes the file away again; an outcome that is not known leaves
 * every file where it is.
 *
 * @param swap the change of the row; expects one row
 * @returns the table, or null when the row was not as expected: somebody else was first
 * @throws {AppError} commit-state-unknown
 * @throws {UnexpectedChanges} of a statement alongside, by its index there
 */
export async function putMetadata(
  parts: Parts,
  { before, next }: { before: LoadedTable | null; next: Omit<LoadedTable, 'metadataLocation'> },
  swap: (metadataLocation: string) => Statement,
  { alongside, signal }: CommitOptions,
): Promise<LoadedTable | null> {
  signal?.throwIfAborted()
  const metadataLocation = await writeMetadataFile(parts.store, next.metadata, before?.metadataLocation ?? null)
  const after = { ...next, metadataLocation }
  try {
    await parts.database.transact([swap(metadataLocation), ...(alongside?.({ before, after }) ?? [])])
    return after
  } catch (error) {
    if (error instanceof AppError && error.code === 'commit-state-unknown') {
      if (await isCommitted(parts, after)) return after
      throw new AppError(
        'commit-state-unknown',
        `It is not known whether the commit to ${labelOf(next.ref)} happened. Nothing was removed; look at the table before trying again.`,
        { cause: error, facts: { metadataLocation } },
      )
    }
    await removeStray(parts, metadataLocation)
    if (!(error instanceof UnexpectedChanges)) throw error
    if (error.index > 0) throw new UnexpectedChanges(error.index - 1, error.changes)
    return null
  }
}

/** @throws {AppError} forbidden when the table's files would be put outside the warehouse */
export function checkLocations({ store }: Parts, updates: readonly TableUpdate[]): void {
  for (const update of updates) {
    if (update.action === 'set-location') store.checkLocation(update.location)
    if (update.action === 'set-properties') checkLocationProperties(store, update.updates)
  }
}

/** @throws {AppError} forbidden */
export function checkLocationProperties(store: Parts['store'], properties: Readonly<Record<string, string>>): void {
  for (const name of LOCATION_PROPERTIES) {
    const location = propertyValue(properties, name)
    if (location !== null) store.checkLocation(location)
  }
}

/** Whether the table's history holds what we wrote, though nobody said so. */
async function isCommitted(parts: Parts, { ref, metadataLocation }: LoadedTable): Promise<boolean> {
  try {
    const now = await loadTable(parts, ref)
    return (
      now.metadataLocation === metadataLocation ||
      now.metadata.metadataLog.some(({ metadataFile }) => metadataFile === metadataLocation)
    )
  } catch (error) {
    logError(error, { doing: 'looking up the outcome of a commit', metadataLocation })
    return false
  }
}

/** A metadata file that no row names harms nobody: failing to remove it must not hide why the commit failed. */
async function removeStray({ store }: Parts, metadataLocation: string): Promise<void> {
  try {
    await store.remove(metadataLocation)
  } catch (error) {
    logError(error, { doing: 'removing a metadata file that was not committed', metadataLocation })
  }
}
