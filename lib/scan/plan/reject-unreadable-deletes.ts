import { unreadableDeletesError } from '../deletes/delete-file'
import type { ScanPlan } from './scan-plan'
import type { ScanTask } from './scan-task'

/**
 * Rejects the tasks of a whole scan if a delete file in ORC applies to one of them. Otherwise the rows would end at that
 * data file. The tasks are listed only if the snapshot has such a delete file.
 *
 * @throws {AppError} not-supported, naming the delete file; as listing the tasks does
 */
export async function rejectUnreadableDeletes(
  plan: Pick<ScanPlan, 'readDeletes'>,
  listTasks: () => AsyncIterable<Pick<ScanTask, 'deletes'>>,
): Promise<void> {
  const entries = (await plan.readDeletes())?.entries ?? []
  if (entries.every(({ dataFile }) => dataFile.fileFormat !== 'orc')) return
  for await (const { deletes } of listTasks()) {
    const unreadable = deletes.map((index) => entries[index]?.dataFile).find((file) => file?.fileFormat === 'orc')
    if (unreadable) throw unreadableDeletesError(unreadable.filePath, unreadable.fileFormat)
  }
}
