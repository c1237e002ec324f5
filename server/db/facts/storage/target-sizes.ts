import 'server-only'
import type { Database } from '../../database'
import { query } from '../../statement'
import { isInScope, type SumScope } from '../is-in-scope'

/** The smallest and the largest size that tables set for their data files; null if none was measured. */
export async function readTargetSizes(
  database: Database,
  of: SumScope,
): Promise<{ leastBytes: number; mostBytes: number } | null> {
  const [row] = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_storage')
        .select(({ fn }) => [
          fn.min<number | null>('target_file_bytes').as('least'),
          fn.max<number | null>('target_file_bytes').as('most'),
        ])
        .where(isInScope(dialect, of)),
    ),
  )
  return row?.least == null || row.most == null ? null : { leastBytes: row.least, mostBytes: row.most }
}
