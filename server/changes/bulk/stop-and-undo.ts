import 'server-only'
import { AppError } from '@/lib/errors'
import type { Change, Database } from '@/server/db/database'
import { findStoredResponse, findUsedKeys, responseChanges } from '@/server/db/idempotency'
import {
  bulkStateChange,
  bulkStateChangesAt,
  readBulkTableNames,
  type StoredBulkChange,
} from '@/server/db/jobs/bulk-changes'
import { readRun } from '@/server/db/jobs/runs'
import { tryCommit } from '@/server/db/try-commit'
import { findBulkSpec } from '@/server/jobs/bulk-run-spec'
import { cancelRun } from '@/server/jobs/change-run'
import type { ChangeRequest, ChangeServices } from '../pipeline/change-request'
import { writeKey } from '../pipeline/write-key'
import { tableRequestKey } from './bulk-steps'
import { hasEnded, queueStep, requireRunner, runBulkChange } from './queue-bulk-run'
import { findNewestRun, requireBulkChange } from './read-bulk-change'
import { leaveChanges } from './stop-bulk-change'

/**
 * Stops the open run that writes, and queues the undo of what it has changed, in one transaction. The undo waits in the
 * queue until the run has finished its tables under way: only one run of a change is executed at a time. Without an open
 * run it is an undo like any other.
 *
 * @returns the id of the run that undoes
 * @throws {AppError} forbidden for other users than the one who started it; version-conflict while another step is open
 */
export async function stopAndUndo(
  services: ChangeServices,
  on: { catalog: string; bulkChangeId: string },
  request: ChangeRequest,
): Promise<string> {
  const { database } = services
  const { actor, requestId, idempotencyKey } = request
  const { bulkChangeId } = on
  const change = await requireBulkChange(database, on, actor)
  const key = writeKey(actor, idempotencyKey, ['stop-and-undo', on])
  const earlier = key && (await findStoredResponse(database, key))
  if (earlier !== null) return earlier
  requireRunner(change, 'undo', actor)
  const run = await findNewestRun(database, bulkChangeId)
  if (!run || hasEnded(run)) return runBulkChange(services, on, { step: 'undo' }, request)
  if (findBulkSpec(run)?.step !== 'write')
    throw new AppError('version-conflict', 'The open run of this change does not write. Nothing was stopped or undone.')
  const undo = queueStep(database, { ...change, tableCount: null }, { step: 'undo', isAfterStop: true }, request)
  const changes: Change[] = [
    ...leaveChanges(bulkChangeId, 'write'),
    // Tables of earlier runs. Those of the stopped run keep their states until its end, when it counts them.
    bulkStateChange(bulkChangeId, ['not-undone'], 'undoing'),
    ...undo.changes,
    ...(key ? responseChanges(key, undo.runId) : []),
  ]
  const isQueued = async () => (await readRun(database, undo.runId)) !== null
  if (!run.isCancelRequested) await cancelRun(database, run.id, { actor, requestId }, changes)
  // The run may be pausing, or have ended since it was read: then only the undo is left to be queued.
  if ((await isQueued()) || (await tryCommit(database, changes))) return undo.runId
  const concurrent = key && (await findStoredResponse(database, key))
  if (concurrent === null) throw new AppError('version-conflict', 'The change was not stopped. Try again.')
  return concurrent
}

/**
 * Gives the tables that a stopped run has changed or proposed the state in which its undo takes them, also those whose
 * commit was not recorded because their worker was lost. Repeated by each attempt of the undo: it has no effect on tables
 * that an earlier attempt has dealt with.
 */
export async function takeTablesOfStoppedRun(
  database: Database,
  { bulkChangeId, startedBy }: StoredBulkChange,
): Promise<void> {
  const names = await readBulkTableNames(database, bulkChangeId)
  const left = names.filter(({ state }) => state === 'left')
  const keyAt = ({ position }: { position: number }) => tableRequestKey(bulkChangeId, position)
  const used = await findUsedKeys(database, startedBy.userId, left.map(keyAt))
  const unrecorded = left.filter((table) => used.has(keyAt(table))).map(({ position }) => position)
  await database.commit([
    bulkStateChange(bulkChangeId, ['changed', 'proposed'], 'undoing'),
    ...bulkStateChangesAt(bulkChangeId, unrecorded, 'undoing'),
  ])
}
