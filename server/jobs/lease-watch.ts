import 'server-only'
import type { Database } from '@/server/db/database'
import { endLease, LEASE_MS, readOverlongLeases } from '@/server/db/jobs/run-leases'

const CHECK_INTERVAL_MS = 1_000

/**
 * Finds runs whose worker died before the database's clock was set back: their leases would not end for hours. A live
 * worker renews such a lease within a second. If a lease stays unchanged for its whole length, measured by a monotonic
 * clock, its worker is dead.
 */
export class LeaseWatch {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  #seen = new Map<string, { leaseUntilMs: number; since: number }>()
  #checkedAtMs = Number.NEGATIVE_INFINITY

  /** @param nowMs of a monotonic clock, in milliseconds */
  async check(nowMs: number): Promise<void> {
    if (nowMs - this.#checkedAtMs < CHECK_INTERVAL_MS) return
    this.#checkedAtMs = nowMs
    const database = this.#database
    const seen = new Map<string, { leaseUntilMs: number; since: number }>()
    for (const { id, leaseUntilMs } of await readOverlongLeases(database)) {
      const before = this.#seen.get(id)
      const since = before?.leaseUntilMs === leaseUntilMs ? before.since : nowMs
      if (nowMs - since > LEASE_MS) await endLease(database, id, leaseUntilMs)
      else seen.set(id, { leaseUntilMs, since })
    }
    this.#seen = seen
  }
}
