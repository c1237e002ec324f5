import type { TableIdentifier } from '@/lib/names/identifiers'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { queueRun, type Run } from '@/server/db/jobs/runs'
import { deleteRowsRuns } from '@/server/maintenance/delete-rows/delete-rows-run'
import { DELETE_ROWS, toDeleteRowsTask } from '@/server/maintenance/delete-rows/delete-rows-task'
import type { Services } from '@/server/services'
import { readDeleteFilter } from '@/server/table-writes/rows/delete-filter'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { runQueuedRun } from '@/testing/ingest/load-table'

/** Queues a run that deletes the rows that match a filter. @param branch `main` by default */
export async function queueDeletion(
  services: Services,
  table: TableIdentifier,
  filter: string,
  branch: string | null = null,
): Promise<string> {
  const { metadata } = await (await openTestCatalog(services)).loadTable(table)
  const { where, text } = readDeleteFilter(filter, metadata)
  const spec = { where, text, branch, tableUuid: metadata.tableUuid, proposalId: null }
  return queueRun(services.database, toDeleteRowsTask(table, spec, COMMAND_LINE))
}

/** The same, with a worker in this process, and returns the run as it ended. */
export async function deleteMatchingRows(
  services: Services,
  table: TableIdentifier,
  filter: string,
  branch: string | null = null,
): Promise<Run> {
  const id = await queueDeletion(services, table, filter, branch)
  return runQueuedRun(services, id, { [DELETE_ROWS]: deleteRowsRuns(services) })
}
