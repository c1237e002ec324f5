import 'server-only'
import { type Expression, sql } from 'kysely'
import type { Change, Database } from '../database'
import { logChanges } from '../jobs/run-logs'
import { type Run, type RunError, toRun } from '../jobs/runs'
import { change, query } from '../statement'
import { tryCommit } from '../try-commit'

/**
 * Runs that wait for the bytes of uploads. `runs.awaited_uploads` has their number while the run waits, and each of them
 * names the run, also those that are complete. A row of `uploads` is locked before the one of its run.
 */

/** Each user has at most so many. */
export const MAX_AWAITING_RUNS = 20

/** Uploads of one user, of which some are not complete. */
export type AwaitedUploads = { userId: string; uploadIds: readonly string[] }

/**
 * Has a run that is queued in the same transaction wait for uploads. The transaction fails if one of the uploads is gone
 * or awaited by another run, or if the user has the greatest number of runs that wait.
 */
export function awaitUploadsChanges(runId: string, { userId, uploadIds }: AwaitedUploads): Change[] {
  const linked = change(
    ({ db, nowMs }) =>
      db
        .updateTable('uploads')
        .set({ run_id: runId })
        .where('id', 'in', uploadIds)
        .where('user_id', '=', userId)
        .where('expires_at_ms', '>', nowMs)
        .where('run_id', 'is', null)
        .where(({ eb, selectFrom }) =>
          eb(
            selectFrom('uploads as awaited')
              .select(({ fn }) => fn.count<number>('awaited.run_id').distinct().as('count'))
              .where('awaited.user_id', '=', userId),
            '<',
            MAX_AWAITING_RUNS,
          ),
        ),
    { expectedRows: uploadIds.length, guards: ['uploads'] },
  )
  return [linked, ...endWaitChanges(runId)]
}

/** How many runs of a user wait for uploads. */
export async function countAwaitingRuns(database: Database, userId: string): Promise<number> {
  const [row] = await database.read(
    query(({ db }) =>
      db
        .selectFrom('uploads')
        .select(({ fn }) => fn.count<number>('run_id').distinct().as('count'))
        .where('user_id', '=', userId),
    ),
  )
  return row?.count ?? 0
}

/** For the transaction that may complete an upload: ends the wait of its run if it was the last one. */
export function endWaitForChanges(uploadId: string): Change[] {
  return waitEndChanges(
    sql<string>`(SELECT run_id FROM uploads WHERE id = ${uploadId} AND received_bytes = size_bytes)`,
  )
}

/** Ends the wait of a run if all of its uploads are complete. */
export function endWaitChanges(runId: string): Change[] {
  return waitEndChanges(sql<string>`${runId}`)
}

/**
 * The run is locked by a statement of its own: of two transactions that complete an upload at the same time, the later
 * one counts when the earlier one is committed.
 */
function waitEndChanges(runId: Expression<string>): Change[] {
  return [
    change(({ db }) =>
      db
        .updateTable('runs')
        .set((eb) => ({ awaited_uploads: eb.ref('awaited_uploads') }))
        .where('id', '=', runId)
        .where('awaited_uploads', '>', 0),
    ),
    change(({ db, nowMs }) =>
      db
        .updateTable('runs')
        .set({ awaited_uploads: 0 })
        .where('id', '=', runId)
        .where('awaited_uploads', '>', 0)
        .where(({ eb, selectFrom }) =>
          eb(
            selectFrom('uploads')
              .select(({ fn }) => fn.countAll<number>().as('count'))
              .whereRef('uploads.run_id', '=', 'runs.id')
              .whereRef('uploads.received_bytes', '=', 'uploads.size_bytes')
              .where('uploads.expires_at_ms', '>', nowMs),
            '=',
            eb.ref('runs.awaited_uploads'),
          ),
        ),
    ),
    change(({ db }) =>
      db
        .updateTable('uploads')
        .set({ run_id: null })
        .where('run_id', '=', runId)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('runs')
                .select('runs.id')
                .whereRef('runs.id', '=', 'uploads.run_id')
                .where('runs.awaited_uploads', '>', 0),
            ),
          ),
        ),
    ),
  ]
}

/**
 * Ends a run that waits without success. Its uploads stay as long as others.
 *
 * @param alongside written only if the run still waits
 * @returns whether it still waited
 */
export function failAwaitingRun(
  database: Database,
  runId: string,
  error: RunError,
  alongside: readonly Change[] = [],
): Promise<boolean> {
  const line = { atMs: database.nowMs(), level: 'error', text: `Failed: ${error.detail}` } as const
  return tryCommit(database, [
    change(({ db }) => db.updateTable('uploads').set({ run_id: null }).where('run_id', '=', runId)),
    change(
      ({ db, nowMs }) =>
        db
          .updateTable('runs')
          .set({ state: 'failed', awaited_uploads: 0, error: JSON.stringify(error), finished_at_ms: nowMs })
          .where('id', '=', runId)
          .where('state', '=', 'queued')
          .where('awaited_uploads', '>', 0),
      { expectedRows: 1 },
    ),
    ...logChanges(runId, [line], { isFromWorker: true }),
    ...alongside,
  ])
}

/** The name of an upload and the run that waits for it; null if none does. */
export async function readAwaitedUpload(
  database: Database,
  uploadId: string,
): Promise<{ fileName: string; runId: string } | null> {
  const [row] = await database.read(
    query(({ db }) =>
      db.selectFrom('uploads').select(['file_name as fileName', 'run_id as runId']).where('id', '=', uploadId),
    ),
  )
  // As a condition of the query, it would lead PostgreSQL through the index of all uploads with a run.
  return row === undefined || row.runId === null ? null : { fileName: row.fileName, runId: row.runId }
}

/** The next runs that wait for uploads, in the order of their ids. @param after the id of a run */
export async function listAwaitingRuns(database: Database, after: string, limit: number): Promise<Run[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('runs')
        .selectAll()
        .where('state', '=', 'queued')
        .where('awaited_uploads', '>', 0)
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit),
    ),
  )
  return rows.map(toRun)
}

export type AwaitedUpload = {
  uploadId: string
  userId: string
  fileName: string
  sizeBytes: number
  receivedBytes: number
  expiresAtMs: number
}

/** The uploads of a run that waits which have not expired, in the order in which they began. */
export async function listAwaitedUploads(database: Database, runId: string): Promise<AwaitedUpload[]> {
  const rows = await database.read(
    query(({ db, nowMs }) =>
      db.selectFrom('uploads').selectAll().where('run_id', '=', runId).where('expires_at_ms', '>', nowMs).orderBy('id'),
    ),
  )
  return rows.map((row) => ({
    uploadId: row.id,
    userId: row.user_id,
    fileName: row.file_name,
    sizeBytes: row.size_bytes,
    receivedBytes: row.received_bytes,
    expiresAtMs: row.expires_at_ms,
  }))
}

/** Has all uploads of a run that waits live until then, if they would expire before. */
export async function extendAwaitedUploads(database: Database, runId: string, expiresAtMs: number): Promise<void> {
  await database.commit([
    change(({ db, nowMs }) =>
      db
        .updateTable('uploads')
        .set({ expires_at_ms: expiresAtMs })
        .where('run_id', '=', runId)
        .where('expires_at_ms', '>', nowMs)
        .where('expires_at_ms', '<', expiresAtMs),
    ),
  ])
}
