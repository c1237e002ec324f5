import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { readEarlierMetadata } from '@/server/catalog/read-earlier-metadata'
import type { Services } from '@/server/services'
import { isFile } from './polled-version'
import { readOrNull } from './read-or-null'
import type { VersionSource } from './version-source'

/**
 * Another catalog as a source of facts about one of its tables. Earlier versions are read only with the storage
 * credentials of the connection: nothing requests credentials from the catalog for it. Manifests are not read, so counts
 * that a summary lacks stay unknown.
 *
 * @param options.readsFiles false leaves out earlier versions
 */
export function remoteSource(
  { catalog, metadataFiles }: Pick<Services, 'metadataFiles'> & { catalog: CatalogClient },
  table: TableIdentifier,
  { hasTable, readsFiles, signal }: Pick<VersionSource, 'hasTable'> & { readsFiles: boolean; signal: AbortSignal },
): VersionSource {
  const hasOwnStore = catalog.remote === undefined || catalog.remote.delegation === 'none'
  return {
    async readEarlier(version) {
      if (!readsFiles || !hasOwnStore || !isFile(version)) return null
      return readOrNull(signal, async () => {
        const store = await catalog.openStore(table, { signal })
        return readEarlierMetadata(metadataFiles, { store }, version, signal)
      })
    },
    readCounts: async () => null,
    hasTable,
  }
}
