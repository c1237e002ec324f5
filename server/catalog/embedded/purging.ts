import 'server-only'
import { AppError } from '@/lib/errors'
import type { Purging } from '../catalog-client'
import type { Parts } from './load-table'
import { foldersAbove } from './location'
import { findOwners, findTablesWithin } from './owners'

/** The SQL catalog knows rows only: the files of a dropped table are removed by a run of ours. */
export function purgingOf(parts: Parts): Purging {
  return {
    async load(metadataLocation, { signal } = {}) {
      try {
        // Asked of the store, not of what was read before: a run that was cut off may have removed it.
        await parts.store.sizeBytes(metadataLocation, signal ? { signal } : {})
        return {
          metadata: await parts.metadataFiles.readTable(parts.store, metadataLocation, signal),
          store: parts.store,
        }
      } catch (error) {
        if (error instanceof AppError && error.code === 'file-missing') return null
        throw error
      }
    },
    tablesWithin: (location) => findTablesWithin(parts.database, location),
    async ownersOf(location) {
      for (const folder of foldersAbove(location).reverse()) {
        const owners = await findOwners(parts.database, folder)
        if (owners.length > 0) return owners
      }
      return []
    },
  }
}
