import 'server-only'
import { openDatabase } from './open-database'
import { LEASE_MS } from './run-leases'

/** Workers that are there, so that a command knows whether it has to bring its own. */

export async function seeWorker(owner: string): Promise<void> {
  const nowMs = Date.now()
  await openDatabase().transact([
    {
      sql: 'INSERT INTO workers (id, seen_at_ms) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET seen_at_ms = ?2',
      params: [owner, nowMs],
    },
    { sql: 'DELETE FROM workers WHERE seen_at_ms < ?', params: [nowMs - LEASE_MS * 100] },
  ])
}

export async function forgetWorker(owner: string): Promise<void> {
  await openDatabase().transact([{ sql: 'DELETE FROM workers WHERE id = ?', params: [owner] }])
}

/** One that was seen in the future was seen by a clock that has been set back: it says nothing. */
export function isWorkerAlive(): boolean {
  const nowMs = Date.now()
  const seen = 'SELECT 1 AS alive FROM workers WHERE seen_at_ms > ? AND seen_at_ms <= ?'
  return openDatabase().read(seen, [nowMs - LEASE_MS, nowMs + LEASE_MS]).length > 0
}
