import { randomUUID } from 'node:crypto'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { appendOperation } from '@/lib/iceberg/operations/append'
import { DeletedRows } from '@/lib/scan/deletes/deleted-rows'
import { PositionDeletes } from '@/server/data-files/delete-files/position-deletes'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import type { Services } from '@/server/services'
import { runOperation } from '@/server/table/commit/run-operation'
import { type LiveFile, readLiveFiles } from '@/server/table/files/live-files'
import { openTestCatalog, TEST_ACTOR } from './test-catalog'

/**
 * Commits deletes by position of a data file, as another writer does: a file of positions, or a deletion vector that
 * replaces the previous one.
 */
export async function deleteRows(
  services: Services,
  identifier: TableIdentifier,
  file: LiveFile,
  positions: readonly number[],
): Promise<DataFile> {
  const catalog = await openTestCatalog(services)
  const table = await catalog.loadTable(identifier)
  const { metadata, store } = table
  const deleted = new DeletedRows(file.dataFile.recordCount)
  for (const position of positions) deleted.add(position)
  const byPosition = new PositionDeletes(table, new AbortController().signal)
  const location = `${metadata.location}/data/${randomUUID()}.${byPosition.fileExtension}`
  const deletes = await byPosition.write(deleted, file.dataFile, location)
  const live = await readLiveFiles(services.manifestCache, table, currentSnapshot(metadata), { store })
  const vectors = live.filter(({ dataFile }) => dataFile.referencedDataFile === file.dataFile.filePath)
  const removed = metadata.formatVersion >= 3 ? vectors.map(({ dataFile }) => dataFile) : []
  const { signal } = new AbortController()
  await runOperation(
    services.log,
    { catalog, store, identifier, auditAction: 'test', actor: TEST_ACTOR, signal },
    async () => ({ operation: { ...appendOperation([deletes]), name: 'delete', removed } }),
  )
  return deletes
}
