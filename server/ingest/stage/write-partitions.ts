import 'server-only'
import { selectTableColumns } from '@/server/data-files/write/parquet-file'
import { stagedColumn } from '../input/checked-rows'
import type { StagedRows } from '../input/staged-rows'
import type { Partition } from './partition-rows'
import { writeSortedPartitions } from './sorted-partitions'
import type { StagedFiles } from './staged-files'
import type { Staging } from './staging'

/** Up to this many partitions, each is found by its own scan; more are sorted first. */
const MAX_SCANNED_PARTITIONS = 24

/** Writes each partition, and removes the rows once they are written. */
export async function writePartitions(
  staging: Staging,
  files: StagedFiles,
  { rows, partitions }: { rows: StagedRows; partitions: readonly Partition[] },
): Promise<void> {
  if (partitions.length > MAX_SCANNED_PARTITIONS) return writeSortedPartitions(staging, files, { rows, partitions })
  const columns = selectTableColumns(staging.request.schema, stagedColumn)
  for (const { condition, ...partition } of partitions)
    await files.write(`SELECT ${columns} FROM ${rows.relation} WHERE ${condition}`, partition)
  return rows.discard()
}
