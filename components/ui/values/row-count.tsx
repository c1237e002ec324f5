import { Count } from './count'

export const UPPER_BOUND_REASON = 'Rows in data files. Delete files may take away some of them.'

/**
 * The rows in the data files of a table, as summaries count them. It is an upper bound if the table has, or may have,
 * delete files.
 */
export function RowCount({
  rowCount,
  deleteFileCount,
  reason,
}: {
  rowCount: number | null
  deleteFileCount: number | null
  /** Why the rows are unknown. */
  reason?: string
}) {
  const mostReason = deleteFileCount === 0 ? null : UPPER_BOUND_REASON
  return <Count value={rowCount} mostReason={mostReason} {...(reason !== undefined && { reason })} />
}
