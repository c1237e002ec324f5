import 'server-only'
import { type SqlBool, sql } from 'kysely'
import type { Change, Database } from '../database'
import { change, query } from '../statement'
import { isInScope, type SumScope } from './is-in-scope'

/** The bytes that removals of the files of expired snapshots freed. */

/** The event of a run that removed the files of expired snapshots. Once for each run. */
export function freedEventChange(
  historyId: number,
  { runId, files, bytes }: { runId: string; files: number; bytes: number },
): Change {
  return change(({ db, nowMs }) =>
    db
      .insertInto('fact_events')
      .values({
        id: `freed ${runId}`,
        table_id: historyId,
        at_ms: nowMs,
        kind: 'freed',
        detail: JSON.stringify({ files, bytes }),
        freed_bytes: bytes,
      })
      .onConflict((conflict) => conflict.doNothing()),
  )
}

/** The bytes that removals freed in a range of time. */
export async function readFreedBytes(
  database: Database,
  { of, fromMs, toMs }: { of: SumScope; fromMs: number; toMs: number },
): Promise<number> {
  const [row] = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('fact_events')
        .select(({ fn }) => fn.sum<number | null>('freed_bytes').as('bytes'))
        // As the index has it.
        .where(sql<SqlBool>`freed_bytes is not null`)
        .where('at_ms', '>=', fromMs)
        .where('at_ms', '<', toMs)
        .where(isInScope(dialect, of, { isByTime: true })),
    ),
  )
  return row?.bytes ?? 0
}
