import 'server-only'
import type { Database } from '../database'
import { LEASE_MS } from './run-leases'
import { change, query } from '../statement'

/** Running workers, so that a command knows whether it has to start one. */

/** A worker without a heartbeat for this long is removed from the list. */
const WORKER_RETENTION_MS = LEASE_MS * 100

export async function recordHeartbeat(database: Database, owner: string): Promise<void> {
  await database.commit([
    change(({ db, nowMs }) =>
      db
        .insertInto('workers')
        .values({ id: owner, seen_at_ms: nowMs })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at_ms: nowMs })),
    ),
    change(({ db, nowMs }) =>
      db.deleteFrom('workers').where('seen_at_ms', '<', (eb) => eb(nowMs, '-', eb.val(WORKER_RETENTION_MS))),
    ),
  ])
}

export async function removeWorker(database: Database, owner: string): Promise<void> {
  await database.commit([change(({ db }) => db.deleteFrom('workers').where('id', '=', owner))])
}

/** A heartbeat in the future was written before the clock was set back: it proves nothing. */
const LIVE_WORKER = query(({ db, nowMs }) =>
  db
    .selectFrom('workers')
    .select('id')
    .where('seen_at_ms', '>', (eb) => eb(nowMs, '-', eb.val(LEASE_MS)))
    .where('seen_at_ms', '<=', (eb) => eb(nowMs, '+', eb.val(LEASE_MS)))
    .limit(1),
)

export async function isWorkerAlive(database: Database): Promise<boolean> {
  return (await database.read(LIVE_WORKER)).length > 0
}
