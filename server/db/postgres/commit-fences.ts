import 'server-only'
import { AppError } from '@/lib/errors'
import type { Log } from '@/server/log'
import { pauseBeforeRetry, TimeBudget } from '../time-budget'
import type { Connections } from './connections'
import { classifyFailure } from './failures'

/** A commit is looked up within seconds, or not at all. */
const FENCE_RETENTION_MS = 60 * 60_000
const MAX_LOOK_UP_DELAY_MS = FENCE_RETENTION_MS / 2

const INSERT_FENCE = `INSERT INTO commit_fences (id, at_ms, is_fence)
  VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, 1)
  ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING is_fence, at_ms`

/**
 * Whether the transaction with this id was committed. It inserts a fence with the same id: the insert waits for a
 * transaction that is still in progress, finds the row of a committed one, and prevents one that did not reach its
 * COMMIT from ever being applied.
 *
 * @param markedAtMs when the transaction inserted its row, by the server's clock
 * @param cause why the outcome is unknown
 * @throws {AppError} commit-state-unknown when the outcome could not be looked up within the budget
 */
export async function lookUpCommit(
  connections: Connections,
  {
    commitId,
    insertedAtMs,
    budgetMs,
    cause,
    log,
  }: { commitId: string; insertedAtMs: number; budgetMs: number; cause: unknown; log: Log },
): Promise<boolean> {
  const budget = new TimeBudget(budgetMs)
  for (let attempts = 1; ; attempts += 1) {
    try {
      const found = await connections.use((client) =>
        client.query<{ is_fence: number; at_ms: number }>(INSERT_FENCE, [commitId]),
      )
      const [row] = found.rows
      if (row?.is_fence === 0) return true
      // After a longer sleep of this process a missing row proves nothing: it may have been removed in the meantime.
      if (row && row.at_ms - insertedAtMs < MAX_LOOK_UP_DELAY_MS) return false
      throw unknownStateError(cause)
    } catch (error) {
      if (error instanceof AppError) throw error
      if (classifyFailure(error).kind !== 'transient')
        log.error(error, { doing: 'looking up the outcome of a transaction' })
      if (!(await pauseBeforeRetry(budget, attempts))) throw unknownStateError(cause)
    }
  }
}

export async function deleteOldFences(connections: Connections): Promise<void> {
  await connections.use((client) =>
    client.query(
      'DELETE FROM commit_fences WHERE at_ms < (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1::bigint',
      [FENCE_RETENTION_MS],
    ),
  )
}

function unknownStateError(cause: unknown): AppError {
  return new AppError(
    'commit-state-unknown',
    'The connection to the database ended during a commit, and the outcome could not be looked up. Check whether the change is there before you try again.',
    { cause },
  )
}
