import 'server-only'
import { propertyValue } from '@/lib/iceberg/property-value'
import { logError } from '@/server/log'
import type { Committed } from '../catalog-client'
import type { Parts } from './load-table'

/**
 * Removes the metadata files that fell out of the metadata log with a commit, where the table asks for it
 * (`write.metadata.delete-after-commit.enabled`). Only after the commit is certain: a commit that lost must not take
 * the winner's files along. A file that stays behind harms nobody.
 */
export async function removeReplacedMetadata({ store }: Parts, { before, after }: Committed): Promise<void> {
  if (before === null || !isAsked(after.metadata.properties)) return
  const kept = new Set([after.metadataLocation, ...after.metadata.metadataLog.map(({ metadataFile }) => metadataFile)])
  const log = [...before.metadata.metadataLog.map(({ metadataFile }) => metadataFile), before.metadataLocation]
  for (const location of log.filter((one) => !kept.has(one))) {
    try {
      await store.remove(location)
    } catch (error) {
      logError(error, { doing: 'removing a replaced metadata file', location })
    }
  }
}

function isAsked(properties: Readonly<Record<string, string>>): boolean {
  return propertyValue(properties, 'write.metadata.delete-after-commit.enabled')?.toLowerCase() === 'true'
}
