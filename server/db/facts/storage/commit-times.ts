import 'server-only'
import { sql } from 'kysely'
import type { Database } from '../../database'
import { query } from '../../statement'

/** When a table had these snapshots committed, by id, as far as its history still has single commits. */
export async function readCommitTimes(
  database: Database,
  tableId: number,
  snapshotIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await database.read(
    query((dialect) => {
      const sought = dialect.rowsOfTexts(snapshotIds.map((id) => [id, null, null]))
      return dialect.db
        .selectFrom('fact_commits')
        .select('snapshot_id')
        .select(({ fn }) => fn.min<number>('at_ms').as('at_ms'))
        .where('table_id', '=', tableId)
        .where('kind', '=', 'commit')
        .where(sql<boolean>`snapshot_id in (select sought.a from ${sought})`)
        .groupBy('snapshot_id')
    }),
  )
  return new Map(rows.map(({ snapshot_id, at_ms }) => [snapshot_id ?? '', at_ms]))
}
