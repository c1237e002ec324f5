import 'server-only'
import { ENDED_STATES } from '@/lib/contract/jobs'
import { IDEMPOTENCY_KEPT_MS } from './idempotency'
import { openDatabase } from './open-database'

/** Takes away what nobody asks for any more. In portions, so that no commit waits long. */

const RUNS_KEPT_MS = 30 * 24 * 60 * 60_000
const MOST_ENDED_RUNS = 10_000
const PORTION = 500
const HAS_ENDED = `state IN (${ENDED_STATES.map((state) => `'${state}'`).join(', ')})`

export type Tidied = { runs: number; sessions: number; answers: number }

/**
 * Ended runs that are old, or beyond the newest 10 000, with their logs; sessions that are over; answers that no client
 * asks for again.
 *
 * @param signal ends it between two portions
 */
export async function tidyDatabase({ nowMs, signal }: { nowMs: number; signal: AbortSignal }): Promise<Tidied> {
  const runs = await removeRuns({ nowMs, signal })
  const [sessions = 0, answers = 0] = await openDatabase().transact([
    { sql: 'DELETE FROM sessions WHERE expires_at_ms <= ?', params: [nowMs] },
    { sql: 'DELETE FROM idempotency WHERE at_ms <= ?', params: [nowMs - IDEMPOTENCY_KEPT_MS] },
    // Lines of a worker that woke after its run was taken away.
    { sql: 'DELETE FROM run_logs WHERE run_id NOT IN (SELECT id FROM runs)' },
  ])
  return { runs, sessions, answers }
}

async function removeRuns({ nowMs, signal }: { nowMs: number; signal: AbortSignal }): Promise<number> {
  // A time, as the id of the oldest run that stays.
  const [kept] = openDatabase().read<{ id: string }>(
    `SELECT id FROM runs WHERE ${HAS_ENDED} ORDER BY id DESC LIMIT 1 OFFSET ?`,
    [MOST_ENDED_RUNS - 1],
  )
  const unwanted = `SELECT id FROM runs WHERE ${HAS_ENDED} AND (finished_at_ms < ?1 OR id < ?2) ORDER BY id LIMIT ${PORTION}`
  const params = [nowMs - RUNS_KEPT_MS, kept?.id ?? '']
  let removed = 0
  for (;;) {
    signal.throwIfAborted()
    const [, changes = 0] = await openDatabase().transact([
      { sql: `DELETE FROM run_logs WHERE run_id IN (${unwanted})`, params },
      { sql: `DELETE FROM runs WHERE id IN (${unwanted})`, params },
    ])
    removed += changes
    if (changes < PORTION) return removed
  }
}
