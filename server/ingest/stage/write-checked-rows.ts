import 'server-only'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import { misfitText } from '@/lib/ingest/reject-limit'
import { hasFloatingPoint } from '@/server/data-files/write/negative-zero'
import type { RowsToStage } from '../input/checked-rows'
import type { LoadedInput } from '../input/loaded-input'
import type { Rejects } from '../input/rejects'
import { StagedRows } from '../input/staged-rows'
import type { FieldUse, SavedRecords, StagedInput } from '../stage-request'
import { findPartitions } from './partition-rows'
import { StagedFiles } from './staged-files'
import type { Staging } from './staging'
import { writePartitions } from './write-partitions'

/** Rows that were checked, how many the input has, and how many of the rejected ones were saved as they came. */
export type CheckedInput = { rows: StagedRows; fieldUse: FieldUse; rowsRead: number; savedRecords: SavedRecords }

/**
 * Streams the input into an intermediate file.
 *
 * @param select gives each row its misfits, or fails at the first one
 */
export function checkRows(
  staging: Staging,
  input: LoadedInput,
  select: (input: LoadedInput, rows: RowsToStage) => string,
): Promise<StagedRows> {
  const { session, request, partitionColumns, checks } = staging
  const rows = {
    rows: select(input, { partition: partitionColumns, checks }),
    hasFloatingPoint: hasFloatingPoint(request.schema.fields),
  }
  const write = () => StagedRows.write(session, request.stagingDir, rows)
  return staging.runWithProgress('checking', write, input.approximateRows)
}

/**
 * Lists the rejected rows, and writes the others by partition.
 *
 * @throws {AppError} rows-rejected when there are more than may be rejected; too-large for too many partitions
 */
export async function writeCheckedRows(
  staging: Staging,
  { rows, fieldUse, rowsRead, savedRecords }: CheckedInput,
  rejects: Rejects,
): Promise<StagedInput> {
  staging.report({ bytesRead: staging.inputBytes, rowsRead })
  await saveRejects(staging, rejects, rowsRead)
  const files = new StagedFiles(staging)
  await writePartitions(staging, files, { rows, partitions: await findPartitions(staging, rows) })
  return { files: files.list(), fieldUse, rowsRead, rowsRejected: rejects.rowCount, savedRecords }
}

/** How many rejects an error names; not their values, which fewer users may see than the run. */
const MAX_NAMED = 3

function nameFirst({ input }: Staging['request'], { listed, isByRecord }: Rejects): string {
  const unit = ['csv', 'json', 'ndjson'].includes(input.format) ? 'line' : 'row'
  const named = listed.slice(0, MAX_NAMED).map(({ line, record, column }) => {
    const position = isByRecord ? `record ${record}` : `${unit} ${line}`
    return column === null ? position : `${column} in ${position}`
  })
  return named.length === 0 ? '' : `; the first: ${named.join(', ')}`
}

async function saveRejects({ request }: Staging, rejects: Rejects, rowsRead: number): Promise<void> {
  const { rejects: list, maxRejectedRows } = request
  await rejects.save(list.file)
  if (rejects.rowCount <= maxRejectedRows) return
  const counts = { rowsRejected: rejects.rowCount, rowsRead }
  const allowed = maxRejectedRows === 0 ? null : formatCount(maxRejectedRows)
  throw new AppError('rows-rejected', `${misfitText(counts, { allowed })}${nameFirst(request, rejects)}.`, {
    facts: { ...counts, rejectsFile: list.location },
  })
}
