import 'server-only'
import { isSameTable, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { CommittedTable } from '../catalog-client'
import type { EmbeddedCatalogDeps } from './load-table'
import { findTablesWithin } from './folders/find-owners'

/**
 * Removes the metadata files that fell out of the metadata log with a commit, where the table asks for it
 * (`write.metadata.delete-after-commit.enabled`). Only after the commit is certain: a commit that lost must not take
 * the winner's files along. A file that stays behind harms nobody; one in a folder that another table has too, such as
 * one that was registered twice, may be that table's, and the log is what somebody wrote into a file.
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
