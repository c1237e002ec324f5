import 'server-only'
import { AppError } from '@/lib/errors'
import type { PurgeSupport } from '../catalog-client'
import type { EmbeddedCatalogDeps } from './load-table'
import { selfAndAncestorFolders } from './folders/choose-location'
import { findOwners, findTablesWithin } from './folders/find-owners'

/** The SQL catalog stores only rows, so a Lakeshore run removes the files of a dropped table. */
export function createPurgeSupport(deps: EmbeddedCatalogDeps): PurgeSupport {
  return {
    async load(metadataLocation, { signal } = {}) {
      try {
        // Checks the store and not the cache, because an interrupted run may have removed the file.
        await deps.store.sizeBytes(metadataLocation, signal ? { signal } : {})
        return {
          metadata: await deps.metadataFiles.readTable(deps.store, metadataLocation, signal),
          store: deps.store,
        }
      } catch (error) {
        if (error instanceof AppError && error.code === 'file-missing') return null
        throw error
      }
    },
    findTablesWithin: (location) => findTablesWithin(deps.database, location),
    async findOwners(location) {
      for (const folder of selfAndAncestorFolders(location).reverse()) {
        const owners = await findOwners(deps.database, folder)
        if (owners.length > 0) return owners
      }
      return []
    },
  }
}
