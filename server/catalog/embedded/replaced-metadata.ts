import 'server-only'
import { isSameTable, type TableRef } from '@/lib/iceberg/identifiers'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { Committed } from '../catalog-client'
import type { Parts } from './load-table'
import { findTablesWithin } from './owners'

/**
 * Removes the metadata files that fell out of the metadata log with a commit, where the table asks for it
 * (`write.metadata.delete-after-commit.enabled`). Only after the commit is certain: a commit that lost must not take
 * the winner's files along. A file that stays behind harms nobody; one in a folder that another table has too, such as
 * one that was registered twice, may be that table's, and the log is what somebody wrote into a file.
 */
export async function removeReplacedMetadata(parts: Parts, { before, after }: Committed): Promise<void> {
  if (before === null || !isAsked(after.metadata.properties)) return
  const kept = new Set([after.metadataLocation, ...after.metadata.metadataLog.map(({ metadataFile }) => metadataFile)])
  const log = [...before.metadata.metadataLog.map(({ metadataFile }) => metadataFile), before.metadataLocation]
  for (const location of log.filter((one) => !kept.has(one))) {
    try {
      if (await isOwn(parts, after.ref, location)) await parts.store.remove(location)
    } catch (error) {
      parts.log.error(error, { doing: 'removing a replaced metadata file', location })
    }
  }
}

async function isOwn({ database }: Parts, ref: TableRef, location: string): Promise<boolean> {
  const folder = location.replace(/\/+[^/]*$/, '')
  const tables = await findTablesWithin(database, folder)
  return tables.every((one) => isSameTable(one, ref))
}

function isAsked(properties: Readonly<Record<string, string>>): boolean {
  return propertyValue(properties, 'write.metadata.delete-after-commit.enabled')?.toLowerCase() === 'true'
}
