import 'server-only'
import { ENDED_STATES } from '@/lib/contract/shapes/plain-values'
import { oldClientUsesChange } from './catalog/table-clients'
import type { Change, Database, Query } from './database'
import { IDEMPOTENCY_RETENTION_MS } from './idempotency'
import { FIRST_SURPLUS_RUN, removeLoadedInputs, selectRecordingRuns } from './jobs/loaded-inputs'
import { change, query } from './statement'

/** Removes rows that are no longer needed, in batches, so that no commit waits long. */

export const RUN_RETENTION_MS = 30 * 24 * 60 * 60_000
const MAX_ENDED_RUNS = 10_000
const BATCH_SIZE = 500

const PROPOSAL_RETENTION_MS = 90 * 24 * 60 * 60_000
const BULK_CHANGE_RETENTION_MS = 90 * 24 * 60 * 60_000

export type RemovedCounts = { runs: number; sessions: number; answers: number }

/**
 * Removes ended runs that are old, or beyond the newest 10 000, with their logs and the digests of their inputs; the
 * oldest digests, if there are very many; expired sessions; stored responses to
 * requests that clients can no longer repeat; proposals long after they could be committed; old changes of many tables
 * with their lists; and the clients of tables of days long ago.
 *
 * @param signal stops it between two batches
 */
export async function tidyDatabase(database: Database, { signal }: { signal: AbortSignal }): Promise<RemovedCounts> {
  const runs = await removeRuns(database, signal)
  await removeInBatches(database, ORPHANED_LOGS, (ids) => [removeLogs(ids)], signal)
  const [surplus] = await database.read(FIRST_SURPLUS_RUN)
  if (surplus) {
    const recording = selectRecordingRuns(surplus.id, BATCH_SIZE)
    await removeInBatches(database, recording, (ids) => [removeLoadedInputs(ids)], signal)
  }
  const [sessions = 0, answers = 0] = await database.commit([
    change(({ db, nowMs }) => db.deleteFrom('sessions').where('expires_at_ms', '<=', nowMs)),
    change(({ db, nowMs }) =>
      db.deleteFrom('idempotency').where('at_ms', '<=', (eb) => eb(nowMs, '-', eb.val(IDEMPOTENCY_RETENTION_MS))),
    ),
    change(({ db, nowMs }) =>
      db.deleteFrom('proposals').where('expires_at_ms', '<=', (eb) => eb(nowMs, '-', eb.val(PROPOSAL_RETENTION_MS))),
    ),
    change(({ db, nowMs }) =>
      db
        .deleteFrom('bulk_changes')
        .where('created_at_ms', '<=', (eb) => eb(nowMs, '-', eb.val(BULK_CHANGE_RETENTION_MS))),
    ),
    oldClientUsesChange(),
  ])
  return { runs, sessions, answers }
}

async function removeRuns(database: Database, signal: AbortSignal): Promise<number> {
  const [oldest] = await database.read(OLDEST_RETAINED_RUN)
  const removalChanges = (ids: readonly string[]) => [
    removeLogs(ids),
    change(({ db }) => db.deleteFrom('runs').where('id', 'in', ids)),
  ]
  return removeInBatches(database, selectExpiredRuns(oldest?.id ?? ''), removalChanges, signal)
}

/** Removes the rows that the query finds until it finds no more. @returns how many ids it found */
async function removeInBatches(
  database: Database,
  idsToRemove: Query<{ id: string | null }>,
  toChanges: (ids: readonly string[]) => Change[],
  signal: AbortSignal,
): Promise<number> {
  let removed = 0
  for (;;) {
    signal.throwIfAborted()
    const ids = (await database.read(idsToRemove)).flatMap(({ id }) => id ?? [])
    if (ids.length > 0) await database.commit(toChanges(ids))
    removed += ids.length
    if (ids.length < BATCH_SIZE) return removed
  }
}

const OLDEST_RETAINED_RUN = query(({ db }) =>
  db
    .selectFrom('runs')
    .select('id')
    .where('state', 'in', ENDED_STATES)
    .orderBy('id', 'desc')
    .limit(1)
    .offset(MAX_ENDED_RUNS - 1),
)

/** @param oldestRetainedId the id of the oldest run that stays because of the number limit; ids sort by time */
function selectExpiredRuns(oldestRetainedId: string): Query<{ id: string }> {
  return query(({ db, nowMs }) =>
    db
      .selectFrom('runs')
      .select('id')
      .where('state', 'in', ENDED_STATES)
      .where((eb) =>
        eb.or([eb('finished_at_ms', '<', eb(nowMs, '-', eb.val(RUN_RETENTION_MS))), eb('id', '<', oldestRetainedId)]),
      )
      .orderBy('id')
      .limit(BATCH_SIZE),
  )
}

/**
 * Log lines of runs that have been removed: a worker woke up after its run was removed. The query seeks from run to
 * run, so that it does not read every line of every log.
 */
const ORPHANED_LOGS = query(({ db }) =>
  db
    .withRecursive('logged(id)', (cte) =>
      cte
        .selectFrom('run_logs')
        .select(({ fn }) => fn.min<string | null>('run_id').as('id'))
        .unionAll(
          cte
            .selectFrom('logged')
            .select(({ selectFrom }) =>
              selectFrom('run_logs')
                .select(({ fn }) => fn.min<string | null>('run_logs.run_id').as('id'))
                .whereRef('run_logs.run_id', '>', 'logged.id')
                .as('id'),
            )
            .where('logged.id', 'is not', null),
        ),
    )
    .selectFrom('logged')
    .select('logged.id')
    .where('logged.id', 'is not', null)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('runs').select('runs.id').whereRef('runs.id', '=', 'logged.id'))),
    )
    .limit(BATCH_SIZE),
)

function removeLogs(runIds: readonly string[]): Change {
  return change(({ db }) => db.deleteFrom('run_logs').where('run_id', 'in', runIds))
}
