import 'server-only'
import type * as z from 'zod'
import { type getRun, MAX_RUNS_AHEAD } from '@/lib/contract/jobs'
import type { RunKindName } from '@/lib/contract/run-kinds'
import type { Actor } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { readRunsAhead } from '@/server/db/jobs/run-queue'
import type { Run } from '@/server/db/jobs/runs'
import { SAVE_RESULT } from './private-runs'
import { canRead } from './run-view'

/** Kinds of which workers execute one run of a lane at a time, and whose users watch them wait. */
const QUEUED_KINDS: readonly string[] = ['ingest', SAVE_RESULT] satisfies RunKindName[]

/** How many runs are looked through for those that the actor may read. */
const MAX_SCANNED_RUNS = 200

/**
 * The runs before a load that waits, of which those are named that the actor may read. Null for a run that does not wait
 * for others: it has started, waits for its time, for a retry or for uploads, or is of a kind without such a limit.
 */
export async function readQueue(
  database: Database,
  run: Run,
  actor: Actor,
): Promise<z.output<typeof getRun.output>['queue']> {
  if (run.awaitedUploads > 0) return null
  const dueAtMs = Math.max(run.nextAttemptAtMs ?? 0, run.scheduledForMs ?? 0)
  if (run.state !== 'queued' || !QUEUED_KINDS.includes(run.kind) || dueAtMs > database.nowMs()) return null
  const { count, runs } = await readRunsAhead(database, run, MAX_SCANNED_RUNS)
  const readable = runs.filter((ahead) => canRead(actor, ahead)).slice(0, MAX_RUNS_AHEAD)
  return {
    lane: run.lane,
    aheadCount: count,
    runs: readable.map(({ id, kind, state, table, actor: owner }) => ({
      id,
      kind,
      state,
      table: table && { ...table },
      actor: owner.username,
    })),
  }
}
