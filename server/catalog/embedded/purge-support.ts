import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readTableRow } from '@/server/db/catalog/table-rows'
import { gateFormat } from '../format-gate'
import type { LoadedTable } from '../port/loaded-table'
import type { PurgeSupport } from '../port/purge-support'
import type { EmbeddedCatalogDeps } from './load-table'
import { selfAndAncestorFolders } from './folders/choose-location'
import { findOwners, findTablesWithin, MAX_FOUND } from './folders/find-owners'

/** The SQL catalog stores only rows, so a Lakeshore run removes the files of a dropped table. */
export function createPurgeSupport(deps: EmbeddedCatalogDeps): PurgeSupport {
  return {
    load: (metadataLocation, { signal } = {}) =>
      readIfThere(deps, metadataLocation, signal, async () => ({
        metadata: await deps.metadataFiles.readTable(deps.store, metadataLocation, signal),
        store: deps.store,
      })),
    loadView: (metadataLocation, { signal } = {}) =>
      readIfThere(deps, metadataLocation, signal, () =>
        deps.metadataFiles.readView(deps.store, metadataLocation, signal),
      ),
    findTablesWithin: (location) => findTablesWithin(deps.database, location),
    async findOwners(location) {
      for (const folder of selfAndAncestorFolders(location).reverse()) {
        const owners = await findOwners(deps.database, folder)
        if (owners.length > 0) return owners
      }
      return []
    },
    async loadTablesWithin(folders, { signal } = {}) {
      const found = new Map<string, TableIdentifier>()
      for (const folder of folders) {
        const identifiers = await findTablesWithin(deps.database, folder)
        if (identifiers.length >= MAX_FOUND)
          throw new AppError('too-large', `Too many tables have files in ${folder}.`, { facts: { location: folder } })
        for (const identifier of identifiers) found.set(JSON.stringify(identifier), identifier)
      }
      const tables: LoadedTable[] = []
      for (const identifier of found.values()) tables.push(...(await loadRow(deps, identifier, signal)))
      return tables
    },
  }
}

/** Null if the file was deleted. */
async function readIfThere<Read>(
  { store }: EmbeddedCatalogDeps,
  metadataLocation: string,
  signal: AbortSignal | undefined,
  read: () => Promise<Read>,
): Promise<Read | null> {
  try {
    // Checks the store and not the cache, because an interrupted run may have removed the file.
    await store.sizeBytes(metadataLocation, signal ? { signal } : {})
    return await read()
  } catch (error) {
    if (error instanceof AppError && error.code === 'file-missing') return null
    throw error
  }
}

/** Null for a view, and for a table that was dropped. The row may be of another catalog in the database. */
async function loadRow(
  { database, metadataFiles, store }: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  signal: AbortSignal | undefined,
): Promise<LoadedTable[]> {
  const row = await readTableRow(database, identifier)
  if (row === null || row.isView || row.metadataLocation === null) return []
  const { metadataLocation } = row
  const metadata = await metadataFiles.readTable(store, metadataLocation, signal)
  return [gateFormat({ identifier, metadataLocation, store, metadata })]
}
