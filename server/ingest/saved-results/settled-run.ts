import 'server-only'
import { AppError } from '@/lib/errors'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { readRun } from '@/server/db/jobs/runs'
import type { Schedule } from '@/server/db/jobs/schedules'
import { parseSettledRun } from './repeat-state'

/**
 * The last run may have saved its rows without learning that it did: its positions did not move, so the next run would
 * add the rows again.
 *
 * @throws {AppError} commit-state-unknown
 */
export async function requireSettledRun(
  { database }: Pick<LakeServices, 'database'>,
  { lastRunId, state }: Schedule,
  { metadata }: LoadedTable,
): Promise<void> {
  const lastRun = lastRunId === null ? null : await readRun(database, lastRunId)
  if (lastRun?.error?.code !== 'commit-state-unknown' || parseSettledRun(state) === lastRun.id) return
  if (!metadata.snapshots.some(({ summary }) => summary['lakeshore.run-id'] === lastRun.id)) return
  throw new AppError(
    'commit-state-unknown',
    'The outcome of its last run was unknown, and the table has its rows. Start it again from now, so that it does not add them twice.',
  )
}
