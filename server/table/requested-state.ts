import 'server-only'
import type { AsOf } from '@/lib/iceberg/as-of'
import { type ResolvedAsOf, resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { AppError } from '@/lib/errors'

/** How far the clock of a browser may be ahead of the server's. */
const MAX_CLOCK_LEAD_MS = 60_000

/**
 * The state of a table that a caller asks for. A time in the future is refused: it has no state yet, and the current
 * one would be shown as if it were final. The last commit counts as past, even if its writer's clock was ahead.
 *
 * @throws {AppError} as `resolveAsOf` does; not-found for a time in the future (facts: `atMs`, `nowMs`)
 */
export function resolveRequestedState(metadata: TableMetadata, asOf: AsOf, nowMs: number): ResolvedAsOf {
  const { atMs } = asOf
  if (atMs !== undefined) {
    const lastCommitMs = metadata.snapshotLog.reduce((latest, { timestampMs }) => Math.max(latest, timestampMs), 0)
    if (atMs > Math.max(nowMs + MAX_CLOCK_LEAD_MS, lastCommitMs)) {
      throw new AppError('not-found', 'This time is in the future, so the table has no state for it yet.', {
        facts: { atMs, nowMs },
      })
    }
  }
  return resolveAsOf(metadata, asOf)
}
