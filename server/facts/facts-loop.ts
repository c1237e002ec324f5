import 'server-only'
import { randomUUID } from 'node:crypto'
import type { Database } from '@/server/db/database'
import { hasTableChanges } from '@/server/db/facts/fact-changes'
import { releasedLeaseChange, takeLease } from '@/server/db/facts/leases'
import { Outage } from '@/server/jobs/outage'
import { clock } from '@/server/timing/clock'
import { FooterReader, FOOTERS_LEASE, type FootersServices } from './footers/footer-reader'
import { OtherCatalogs, type OtherCatalogsServices } from './other-catalogs'
import { PartitionReader, PARTITIONS_LEASE } from './partitions/partition-reader'
import { OwnCatalogPoll, type OwnCatalogServices, ownCatalogSource } from './own-catalog'
import { recordTableChanges } from './record-changes'

/** Continues the histories of tables. Any number of workers may run it: leases split the work, and end with a worker. */

const CHANGES_INTERVAL_MS = 500
const CHANGES_LEASE = 'facts changes'
/** A worker that was killed holds the others up for so long. Two at once do no harm: each change is used once. */
const CHANGES_LEASE_MS = 5_000
const OWN_CATALOG_INTERVAL_MS = 30_000
const OWN_CATALOG_LEASE = 'facts own catalog'
const OTHER_CATALOGS_INTERVAL_MS = 10_000
const LEASE_MS = 60_000

/** Runs until the signal is aborted. */
export async function runFactsLoop(
  services: OwnCatalogServices & OtherCatalogsServices & FootersServices,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const owner = randomUUID()
  const poll = new OwnCatalogPoll(services)
  const others = new OtherCatalogs(services, owner)
  const footers = new FooterReader(services)
  const partitions = new PartitionReader(services, footers.budget)
  await Promise.all([
    repeat(services, 'adding changes to the history of tables', signal, async () => {
      if (!(await hasTableChanges(services.database))) return CHANGES_INTERVAL_MS
      if (!(await holdLease(services.database, CHANGES_LEASE, owner, CHANGES_LEASE_MS))) return CHANGES_INTERVAL_MS
      const { taken, used } = await recordTableChanges(services, ownCatalogSource(services, signal), signal)
      return used < taken ? CHANGES_INTERVAL_MS : 0
    }),
    repeat(services, 'comparing the catalog with the history of its tables', signal, async () => {
      if (await holdLease(services.database, OWN_CATALOG_LEASE, owner)) await poll.run(signal)
      return OWN_CATALOG_INTERVAL_MS
    }),
    repeat(services, 'sharing the catalogs whose tables are polled', signal, async () => {
      await others.step(signal)
      return OTHER_CATALOGS_INTERVAL_MS
    }),
    repeat(services, 'reading the footers of data files', signal, () => footers.step(owner, signal)),
    repeat(services, 'reading commits by partition', signal, () => partitions.step(owner, signal)),
  ])
  const leases = [CHANGES_LEASE, OWN_CATALOG_LEASE, FOOTERS_LEASE, PARTITIONS_LEASE].map((name) =>
    releasedLeaseChange(name, owner),
  )
  await Promise.all([others.stop(), services.database.commit(leases)]).catch((error: unknown) => {
    services.log.debug('the leases of the history end by themselves', { error: String(error) })
  })
}

/** @param step returns how long to pause after it */
async function repeat(
  { log }: Pick<OwnCatalogServices, 'log'>,
  doing: string,
  signal: AbortSignal,
  step: () => Promise<number>,
): Promise<void> {
  const outage = new Outage(log, doing)
  while (!signal.aborted) {
    try {
      const pauseMs = await step()
      outage.recordSuccess()
      if (pauseMs > 0) await clock.pause(pauseMs, signal)
    } catch (error) {
      if (signal.aborted) return
      await clock.pause(outage.recordFailure(error), signal)
    }
  }
}

function holdLease(database: Database, name: string, owner: string, leaseMs = LEASE_MS): Promise<boolean> {
  return takeLease(database, name, { owner, leaseMs })
}
