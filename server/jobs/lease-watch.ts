import 'server-only'
import type { Database } from '@/server/db/database'
import { endLease, LEASE_MS, leasesBeyondReach } from '@/server/db/run-leases'

const LOOK_EVERY_MS = 1_000

/**
 * Finds runs whose worker died before the database's clock was set back: their leases would not end for hours. A worker
 * that lives renews such a lease within a second; one that stays as it is for the length of a lease, counted by a clock
 * that nobody sets, belongs to nobody.
 */
export class LeaseWatch {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  #seen = new Map<string, { leaseUntilMs: number; since: number }>()
  #lookedAt = Number.NEGATIVE_INFINITY

  /** @param now of a clock that only goes forward, in milliseconds */
  async look(now: number): Promise<void> {
    if (now - this.#lookedAt < LOOK_EVERY_MS) return
    this.#lookedAt = now
    const database = this.#database
    const seen = new Map<string, { leaseUntilMs: number; since: number }>()
    for (const { id, leaseUntilMs } of await leasesBeyondReach(database)) {
      const before = this.#seen.get(id)
      const since = before?.leaseUntilMs === leaseUntilMs ? before.since : now
      if (now - since > LEASE_MS) await endLease(database, id, leaseUntilMs)
      else seen.set(id, { leaseUntilMs, since })
    }
    this.#seen = seen
  }
}
