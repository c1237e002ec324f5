import 'server-only'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { withRowsEncoder } from '@/server/data-files/write/encode-rows'
import { rowGroupRows, selectRowRange, selectTableColumns, writeParquet } from '@/server/data-files/write/parquet-file'
import { sortSql } from '@/server/data-files/write/sort-sql'
import type { WriteSettings } from '@/server/data-files/write/write-settings'
import type { RowRange } from '@/server/parquet/cut/row-cutter'
import { stagedColumn } from '../input/checked-rows'
import { ROW_NUMBER, type StagedRows } from '../input/staged-rows'
import { type Partition, partitionKeysSql } from './partition-rows'
import type { StagedFiles } from './staged-files'
import type { Staging } from './staging'

/** A row group of the sorted file is in memory while files are cut from it, and so is each of these files. */
const SORTED_GROUP_ROWS = 65_536
const SORTED_GROUP_BYTES = 8 * 1024 * 1024

/**
 * Writes many partitions: DuckDB sorts all rows by partition into one file, and small partitions are cut from it. A
 * statement of DuckDB for each of them would take several times as long as its rows.
 *
 * @param partitions in the order of their values
 */
export async function writeSortedPartitions(
  staging: Staging,
  files: StagedFiles,
  { rows, partitions }: { rows: StagedRows; partitions: readonly Partition[] },
): Promise<void> {
  const { request, session, storedSchema: schema } = staging
  const sorted = path.join(request.stagingDir, 'sorted.parquet')
  const write = {
    ...request.write,
    rowGroupBytes: Math.min(request.write.rowGroupBytes, SORTED_GROUP_BYTES),
    maxRowGroupRows: SORTED_GROUP_ROWS,
  }
  const bytesPerRow = partitions.reduce((most, partition) => Math.max(most, partition.bytesPerRow), 0)
  const rowCount = await staging.runWithProgress('writing', () =>
    writeParquet(session, selectSorted(staging, rows), { file: sorted, schema, write, bytesPerRow }),
  )
  await rows.discard()
  const ranges = listRanges(partitions)
  requireAllRows(ranges, rowCount)
  await withRowsEncoder(sorted, { ...request.write, schema }, async (encoder) => {
    for (const { range, partition } of ranges) {
      const isWritten =
        isSmall(request.write, partition) && encoder.canEncode(range)
          ? await files.writeRange(encoder, range, partition.values)
          : false
      if (!isWritten) await files.writeSorted(selectRowRange(sorted, schema, range), partition)
    }
  })
  await rm(sorted)
}

/** By partition, then in the order of the table, then in that of the input. */
function selectSorted({ request, partitionColumns }: Staging, { numberedRelation }: StagedRows): string {
  const { schema, sortOrder } = request
  const sort = sortOrder && sortSql(sortOrder, schema, stagedColumn)
  const order = [...partitionKeysSql(partitionColumns), ...(sort ? [sort.orderBy] : []), ROW_NUMBER]
  return `SELECT ${selectTableColumns(schema, stagedColumn)}
    FROM (SELECT * FROM ${numberedRelation} WHERE misfits IS NULL ORDER BY ${order.join(', ')})`
}

function listRanges(partitions: readonly Partition[]): { range: RowRange; partition: Partition }[] {
  let start = 0
  return partitions.map((partition) => {
    const range = { start, end: start + partition.rowCount }
    start = range.end
    return { range, partition }
  })
}

/** A row that was not counted would be in the file of another partition. */
function requireAllRows(ranges: readonly { range: RowRange }[], rowCount: number): void {
  const counted = ranges.at(-1)?.range.end ?? 0
  if (counted !== rowCount) throw new Error(`${rowCount} rows were sorted, but the partitions have ${counted}`)
}

/** Whether its file has one row group, which fits into memory. */
function isSmall(write: WriteSettings, { rowCount, bytesPerRow }: Partition): boolean {
  return rowCount <= rowGroupRows(write, bytesPerRow) && rowCount * bytesPerRow <= SORTED_GROUP_BYTES
}
