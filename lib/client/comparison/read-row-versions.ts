import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowVersion } from '@/lib/scan/compare/row-versions'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { toListedFiles } from '@/lib/api/listed-files'
import { addDefaults } from '@/lib/api/planned-defaults'
import { rowWorker } from '../rows/row-worker'
import { deserializeError } from '../rows/serialized-error'
import { requireReadable } from '@/lib/scan/read/unreadable-cell'

/** A history is of one row, or of a few. */
export const MAX_MATCHING_ROWS = 20
const MAX_SEARCHED_BYTES = 256 * 1024 * 1024

export type MatchingRows = {
  rows: readonly RowVersion[]
  /** Equal for snapshots whose files that might have the rows are the same, with the same deletes. */
  filesKey: string | null
  bytesRead: number
  filesRead: number
}

/**
 * The rows of a snapshot that pass a filter, read from files that might have them.
 *
 * @param where `Expression` of Iceberg's REST catalog as JSON text
 * @param fields to read them with
 * @param known rows of another snapshot, which are not read again from the same files
 * @throws {AppError} too-large for more than {@link MAX_MATCHING_ROWS} rows or too many bytes, with a better kind of
 *   condition as its hint; invalid-request when the
 *   snapshot does not have a column of the filter; as reading rows does
 */
export async function readMatchingRows(
  {
    table,
    snapshotId,
    where,
    fields,
  }: { table: TableIdentifier; snapshotId: string; where: string; fields: readonly NestedField[] },
  known: MatchingRows | null,
  signal: AbortSignal,
): Promise<MatchingRows> {
  const plan = await callEndpoint('scanTable', { ...table, snapshot: snapshotId, where }, { signal })
  const filesKey = filesKeyOf(plan)
  if (known !== null && filesKey !== null && filesKey === known.filesKey)
    return { ...known, bytesRead: 0, filesRead: 0 }
  const { token, nameMapping } = plan
  const listFiles = async (fromFile: number) => {
    const page = await callEndpoint('listPlannedFiles', { token, fromFile }, { signal })
    return { files: toListedFiles(page, plan), nextFile: page.nextFile }
  }
  const first = { files: toListedFiles(plan, plan), nextFile: plan.filtered?.nextFile ?? null }
  const scan = rowWorker.open(
    { token, fields: addDefaults(fields, plan), nameMapping, filter: { where, files: first } },
    listFiles,
  )
  try {
    const { rowCount, cost } = await search(scan, signal)
    const fieldIds = fields.map(({ id }) => id)
    const { batch } = await scan.readMatches({ firstRow: 0, lastRow: rowCount, fieldIds }, signal)
    const rows = Array.from(
      { length: rowCount },
      (_, row): RowVersion =>
        new Map(fieldIds.map((id) => [id, requireReadable(batch.columns.get(id)?.[row] ?? null)])),
    )
    return { rows, filesKey, bytesRead: cost.bytesRead, filesRead: cost.filesRead }
  } finally {
    scan.close()
  }
}

async function search(scan: ReturnType<typeof rowWorker.open>, signal: AbortSignal) {
  for (;;) {
    const { progress, problem, cost } = await scan.search(MAX_SEARCHED_BYTES, signal)
    if (problem !== null) throw deserializeError(problem)
    if (progress.matchCount > MAX_MATCHING_ROWS) {
      throw new AppError('too-large', `More than ${MAX_MATCHING_ROWS} rows match.`, {
        facts: { hint: 'Choose a condition that only one row meets, such as the value of a key' },
      })
    }
    if (progress.isComplete) return { rowCount: progress.matchCount, cost }
    if (cost.bytesRead >= MAX_SEARCHED_BYTES) {
      throw new AppError(
        'too-large',
        'The files that might have the row are too large to be searched at each snapshot.',
        { facts: { hint: 'Choose a condition on a column that the table is partitioned or sorted by' } },
      )
    }
  }
}

/** Null if not all files are known. */
function filesKeyOf({ files, deleteFiles, filtered }: SignedScanPlan): string | null {
  if ((filtered?.nextFile ?? null) !== null) return null
  const deletes = new Map(deleteFiles.map(({ index, path, contentOffset }) => [index, [path, contentOffset]]))
  return JSON.stringify(files.map((file) => [file.path, file.deletes.map((index) => deletes.get(index))]))
}
