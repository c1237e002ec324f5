import 'server-only'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { CommittedTable } from '../port/catalog-write'
import type { EmbeddedCatalogDeps } from './load-table'
import { findTablesWithin } from './folders/find-owners'

/**
 * Removes the metadata files that fell out of the metadata log with a commit, if the table sets
 * `write.metadata.delete-after-commit.enabled`. It runs only after a certain commit: a commit that lost must not remove
 * the winner's files. It keeps files in a folder that another table uses too, for example after a table was registered
 * twice, because any writer can put any file into the log. A file that stays behind does no harm.
 */
export async function removeReplacedMetadata(
  deps: EmbeddedCatalogDeps,
  { before, after }: CommittedTable,
): Promise<void> {
  if (before === null || !isDeletionEnabled(after.metadata.properties)) return
  const retained = new Set([
    after.metadataLocation,
    ...after.metadata.metadataLog.map(({ metadataFile }) => metadataFile),
  ])
  const log = [...before.metadata.metadataLog.map(({ metadataFile }) => metadataFile), before.metadataLocation]
  for (const location of log.filter((one) => !retained.has(one))) {
    try {
      if (await isOwnFile(deps, after.identifier, location)) await deps.store.remove(location)
    } catch (error) {
      deps.log.error(error, { doing: 'removing a replaced metadata file', location })
    }
  }
}

async function isOwnFile(
  { database }: EmbeddedCatalogDeps,
  identifier: TableIdentifier,
  location: string,
): Promise<boolean> {
  const folder = location.replace(/\/+[^/]*$/, '')
  const tables = await findTablesWithin(database, folder)
  return tables.every((one) => isSameTable(one, identifier))
}

function isDeletionEnabled(properties: Readonly<Record<string, string>>): boolean {
  return propertyValue(properties, 'write.metadata.delete-after-commit.enabled')?.toLowerCase() === 'true'
}
