import 'server-only'
import { AppError } from '@/lib/errors'
import { appendMetadataLog } from '@/lib/iceberg/commit/apply-updates'
import { requireSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { clock } from '@/server/timing/clock'
import type { CatalogWrite, WriteOptions } from '../port/catalog-write'
import type { LoadedTable } from '../port/loaded-table'
import { requireFreeFolders } from './folders/folder-ownership'
import { loadTable, type EmbeddedCatalogDeps } from './load-table'
import { labelOf } from './names'
import { metadataPut, putMetadata } from './put-metadata'

/**
 * Writes the content of an earlier metadata file as the next version, so that the log of the table stays complete, its
 * times stay in order, and no reader sees a file that it has seen before.
 *
 * @throws {AppError} version-conflict when the table has received another commit since; invalid-request for the
 * metadata of another table; file-missing
 */
export async function restoreMetadata(
  deps: EmbeddedCatalogDeps,
  { table: identifier, expectedLocation, earlierLocation }: CatalogWrite<'restore-metadata'>,
  { alongside, signal }: WriteOptions<'restore-metadata'>,
): Promise<LoadedTable> {
  const releaseLocks = await deps.locks.acquire([labelOf(identifier)], deps.locks.newBudget(), signal)
  try {
    const before = await loadTable(deps, identifier, signal)
    requireSupportedFormat(before.metadata)
    if (before.metadataLocation !== expectedLocation) throw changedError(identifier)
    const earlier = await deps.metadataFiles.readTable(deps.store, earlierLocation, signal)
    if (earlier.tableUuid !== before.metadata.tableUuid)
      throw new AppError('invalid-request', 'The metadata file belongs to another table.')
    const { lastUpdatedMs, metadataLog } = before.metadata
    const metadata = appendMetadataLog(
      { ...earlier, metadataLog, lastUpdatedMs: Math.max(clock.nowMs(), lastUpdatedMs) },
      { metadataFile: before.metadataLocation, timestampMs: lastUpdatedMs },
    )
    const put = metadataPut(deps, 'table', {
      identifier,
      previousLocation: before.metadataLocation,
      metadata,
      newFolders: await requireFreeFolders(deps, identifier, before.metadata, metadata),
      write: () => deps.metadataFiles.writeTable(deps.store, metadata, { label: labelOf(identifier), before }),
    })
    const toAfter = (metadataLocation: string) => ({ identifier, metadata, metadataLocation, store: deps.store })
    const toChanges = ([location = '']: readonly string[]) => alongside?.({ before, after: toAfter(location) }) ?? []
    const locations = await putMetadata(deps, { puts: [put] }, toChanges, signal)
    const [location] = locations ?? []
    if (location === undefined) throw changedError(identifier)
    return toAfter(location)
  } finally {
    releaseLocks()
  }
}

function changedError(identifier: TableIdentifier): AppError {
  return new AppError(
    'version-conflict',
    `${labelOf(identifier)} has received another commit since. Nothing was changed.`,
  )
}
