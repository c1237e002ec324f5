import 'server-only'
import { AppError } from '@/lib/errors'
import { selectRowsWithMisfits } from '../input/checked-rows'
import type { LoadedInput } from '../input/load-input'
import type { Rejects } from '../input/rejects'
import { StagedRows } from '../input/staged-rows'
import type { StageResult } from '../stage-request'
import { findPartitions, writePartitions } from './partition-rows'
import { StagedFiles } from './staged-files'
import type { Staging } from './staging'

/** Rows that were checked, and how many the input has. */
export type CheckedInput = { rows: StagedRows; rowsRead: number }

/** Streams the input into an intermediate file, in which each row has its misfits. */
export function checkRows(staging: Staging, input: LoadedInput): Promise<StagedRows> {
  const rows = selectRowsWithMisfits(input, staging.partitionColumns)
  return staging.runWithProgress('checking', () => StagedRows.write(staging.session, staging.request.stagingDir, rows))
}

/**
 * Lists the rejected rows, and writes the others by partition.
 *
 * @throws {AppError} rows-rejected when there are more than may be rejected; too-large for too many partitions
 */
export async function writeCheckedRows(
  staging: Staging,
  { rows, rowsRead }: CheckedInput,
  rejects: Rejects,
): Promise<StageResult> {
  staging.report({ bytesRead: staging.inputBytes, rowsRead })
  await saveRejects(staging, rejects, rowsRead)
  const files = new StagedFiles(staging)
  await writePartitions(staging, files, { rows, partitions: await findPartitions(staging, rows) })
  return { files: files.list(), rowsRead, rowsRejected: rejects.rowCount }
}

async function saveRejects({ request }: Staging, rejects: Rejects, rowsRead: number): Promise<void> {
  const { rejects: list, maxRejectedRows } = request
  await rejects.save(list.file)
  if (rejects.rowCount <= maxRejectedRows) return
  const allowed = maxRejectedRows === 0 ? '' : `, more than the ${maxRejectedRows} allowed`
  throw new AppError(
    'rows-rejected',
    `${rejects.rowCount} of ${rowsRead} rows do not fit the table${allowed}. They are listed in ${list.location}.`,
    { facts: { rowsRejected: rejects.rowCount, rowsRead, rejectsFile: list.location } },
  )
}
