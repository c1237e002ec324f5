import 'server-only'
import type { Change } from '../database'

export const ROWS_PER_STATEMENT = 500

/** The changes that store rows, so many in each statement. */
export function inBatches<Row>(rows: readonly Row[], toChange: (batch: Row[]) => Change): Change[] {
  const changes: Change[] = []
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    changes.push(toChange(rows.slice(start, start + ROWS_PER_STATEMENT)))
  }
  return changes
}
