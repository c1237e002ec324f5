import 'server-only'
import type { Change } from '../database'
import { change } from '../statement'

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
      })
      .onConflict((conflict) => conflict.doNothing()),
  )
}
