import 'server-only'
import * as z from 'zod'
import { formatQuantity } from '@/lib/format/count'
import type { NewAuditEntry } from '@/server/db/audit'
import type { Change, Database } from '@/server/db/database'
import type { RunActor } from '@/server/db/jobs/task-columns'
import { listRuns, newRunChange, type Run } from '@/server/db/jobs/runs'

/** Removals of the files of expired snapshots as web processes know them. Workers carry them out. */

export const REMOVE_EXPIRED_FILES = 'remove-expired-files'

/** The phase in the journal of a removal that still checks other tables, and has removed nothing. */
export const LOOKING = 'looking'

/**
 * The metadata files before and after the expiry: the first names the files that may be removed, the second shows which
 * snapshots expired.
 */
export const removalSpec = z.object({
  /** The audit entry of the expiry. */
  auditId: z.string(),
  beforeLocation: z.string(),
  /** Null when it was only found later that the expiry was committed. */
  afterLocation: z.string().nullable(),
  tableUuid: z.string(),
})

const MAX_OPEN_REMOVALS = 100

/**
 * Queues the run that the audit entry of an expiry names, in the transaction that writes the entry. Queues none if the
 * files stay.
 *
 * @param entry with its id
 * @param role and limit of the user; by default the role that an expiry needs, for an entry that a worker writes later
 */
export function removalChanges(
  { id: auditId, entry }: { id: string; entry: NewAuditEntry },
  { role, limit }: Pick<RunActor, 'role' | 'limit'> = { role: 'editor' },
): Change[] {
  const { actor, table = null, tableUuid = null, before, after } = entry
  const expiry = after?.expiry
  const beforeLocation = before?.metadataLocation
  if (!expiry?.removal || table === null || tableUuid === null || typeof beforeLocation !== 'string') return []
  const { runId, startsAtMs } = expiry.removal
  return [
    newRunChange(runId, {
      kind: REMOVE_EXPIRED_FILES,
      title: `Remove the files of ${formatQuantity(expiry.snapshotCount, 'expired snapshot')}`,
      spec: { auditId, beforeLocation, afterLocation: after?.metadataLocation ?? null, tableUuid },
      actor: { userId: actor.userId, username: actor.username, role, ...(limit && { limit }) },
      table,
      exclusiveKey: removalKey(tableUuid),
      scheduledForMs: startsAtMs,
    }),
  ]
}

/** Removals that have not begun or not ended, newest first. */
export function listOpenRemovals(database: Database, tableUuid: string): Promise<Run[]> {
  return listRuns(database, {
    kind: REMOVE_EXPIRED_FILES,
    exclusiveKey: removalKey(tableUuid),
    states: ['queued', 'running'],
    limit: MAX_OPEN_REMOVALS,
  })
}

/** All removals of a table that are still known, newest first. */
export function listRemovals(database: Database, tableUuid: string): Promise<Run[]> {
  return listRuns(database, {
    kind: REMOVE_EXPIRED_FILES,
    exclusiveKey: removalKey(tableUuid),
    limit: MAX_OPEN_REMOVALS,
  })
}

function removalKey(tableUuid: string): string {
  return `${REMOVE_EXPIRED_FILES} ${tableUuid}`
}

/** Whether a removal may have removed a file. */
export function mightHaveRemoved({ state, startedAtMs, journal, outcome, error }: Run): boolean {
  if (startedAtMs === null) return false
  // The journal is written before the first file is removed.
  if (state === 'queued') return journal !== null && journal['phase'] !== LOOKING
  if (state === 'failed') return error?.facts['filesRemoved'] !== 0
  return state !== 'succeeded' || outcome?.['filesRemoved'] !== 0
}
