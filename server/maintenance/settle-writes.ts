import 'server-only'
import { AppError, isTransientDatabaseError } from '@/lib/errors'
import { actorFor } from '@/server/auth/actor'
import type { FoundOutcome } from '@/server/catalog/port/outbox'
import { type AuditOutcome, newAuditId } from '@/server/db/audit'
import {
  claimOpenWrite,
  CHECK_LEASE_MS,
  type OpenWrite,
  postponeCheck,
  removePendingWrite,
} from '@/server/db/catalog/pending-writes'
import { foundProposalChange } from '@/server/db/catalog/proposal-decisions'
import { dropNamespaceProposalsChange } from '@/server/db/catalog/proposals'
import { dropNamespaceShortcutsChange } from '@/server/db/catalog/shortcuts'
import { commitAuditChanges } from '@/server/db/catalog/snapshot-writers'
import { pendingObjectChange } from '@/server/db/search/pending-objects'
import { type Change, UnexpectedChanges } from '@/server/db/database'
import { responseChanges } from '@/server/db/idempotency'
import { clock } from '@/server/timing/clock'
import { Outage } from '@/server/jobs/outage'
import type { Services } from '@/server/services'
import { removalChanges } from '@/server/table/expiry/queued-removals'

/**
 * Records the outcome of writes to remote catalogs whose process was killed, or whose response was lost. Any number of
 * workers may do so at once.
 */

const POLL_INTERVAL_MS = 5_000
/**
 * A request that was sent this long ago can no longer arrive: if the catalog does not show the change, it was not made.
 */
export const ARRIVAL_LIMIT_MS = 10 * 60_000
/** After this time the audit records the outcome as unknown. */
export const LOOK_LIMIT_MS = 24 * 60 * 60_000
const FIRST_PAUSE_MS = 30_000
const MAX_PAUSE_MS = 10 * 60_000

type SettleServices = Pick<Services, 'database' | 'catalogs' | 'log'>

/** Settles writes until the signal is aborted. */
export async function runSettleLoop(
  services: SettleServices,
  { signal, pollIntervalMs = POLL_INTERVAL_MS }: { signal: AbortSignal; pollIntervalMs?: number },
): Promise<void> {
  const outage = new Outage(services.log, 'looking for the outcome of writes')
  while (!signal.aborted) {
    try {
      const hasSettled = await settleNextWrite(services, signal)
      outage.recordSuccess()
      if (!hasSettled) await clock.pause(pollIntervalMs, signal)
    } catch (error) {
      await clock.pause(outage.recordFailure(error), signal)
    }
  }
}

/** Looks up the outcome of one write. @returns whether one was due */
export async function settleNextWrite(services: SettleServices, signal: AbortSignal): Promise<boolean> {
  const write = await claimOpenWrite(services.database)
  if (write === null) return false
  const found = await findOutcome(services, write, signal)
  if (signal.aborted) return true
  const outcome = decideOutcome(found, write)
  if (outcome === null) {
    await postponeCheck(services.database, write.id, Math.min(FIRST_PAUSE_MS * 2 ** write.checkCount, MAX_PAUSE_MS))
    return true
  }
  try {
    await services.database.commit([removePendingWrite(write.id), ...outcomeChanges(write, outcome, found)])
    services.log.info('settled a write to a catalog', { catalog: write.catalog, outcome, auditId: write.id })
  } catch (error) {
    // The process that sent it recorded it in the meantime.
    if (!(error instanceof UnexpectedChanges && error.index === 0)) throw error
  }
  return true
}

/** Null: check again later. */
function decideOutcome({ outcome }: FoundOutcome, { ageMs }: OpenWrite): NonNullable<AuditOutcome> | null {
  if (outcome === 'committed') return outcome
  if (outcome === 'not-committed' && ageMs >= ARRIVAL_LIMIT_MS) return outcome
  return ageMs >= LOOK_LIMIT_MS ? 'unknown' : null
}

async function findOutcome(
  { catalogs, log }: SettleServices,
  write: OpenWrite,
  signal: AbortSignal,
): Promise<FoundOutcome> {
  const [first] = write.entries
  // The reserved key of a request whose process died.
  if (!first) return { outcome: 'not-committed', metadataLocation: null }
  try {
    // Looks with the credentials of the user. Their permissions do not matter, because no user sees the result.
    const catalog = await catalogs.open(write.catalog, actorFor({ ...first.entry.actor, role: 'admin' }))
    if (!catalog.findOutcome) throw new AppError('not-supported', 'The catalog of a pending write was replaced.')
    const deadline = AbortSignal.any([signal, clock.deadline(CHECK_LEASE_MS / 2)])
    return await catalog.findOutcome(write.evidence, { sentAtMs: clock.nowMs() - write.ageMs, signal: deadline })
  } catch (error) {
    if (isTransientDatabaseError(error)) throw error
    log.warning('the outcome of a write cannot be looked up', {
      catalog: write.catalog,
      auditId: write.id,
      reason: error instanceof AppError ? error.code : String(error),
    })
    return { outcome: 'open', metadataLocation: null }
  }
}

/** A commit that is found later has its planned ids, so that its own process sees that it is recorded. */
function outcomeChanges(
  { entries, idempotency }: OpenWrite,
  outcome: NonNullable<AuditOutcome>,
  { metadataLocation }: FoundOutcome,
): Change[] {
  const isCommitted = outcome === 'committed'
  const audit = entries.flatMap(({ id, entry }, i) => {
    const isFirst = i === 0
    const after =
      isCommitted && isFirst && metadataLocation !== null ? { ...entry.after, metadataLocation } : entry.after
    return commitAuditChanges({ ...entry, after: after ?? null, outcome }, { id: isCommitted ? id : newAuditId() })
  })
  const [first] = entries
  if (!isCommitted || !first) return audit
  const reindexRequests = entries.flatMap(({ entry: { table, namespace } }) =>
    table
      ? [pendingObjectChange({ catalog: table.catalog, namespace: table.namespace, name: table.table })]
      : namespace
        ? [pendingObjectChange({ ...namespace, name: null })]
        : [],
  )
  const proposal = first.entry.after?.proposal
  return [
    ...audit,
    ...reindexRequests,
    ...(idempotency ? responseChanges(idempotency, first.id) : []),
    ...(proposal ? [foundProposalChange(proposal.proposalId, first)] : []),
    ...entries.flatMap(({ entry: { action, namespace } }) =>
      action === 'drop-namespace' && namespace
        ? [
            dropNamespaceProposalsChange(namespace.catalog, namespace.namespace),
            dropNamespaceShortcutsChange(namespace.catalog, namespace.namespace),
          ]
        : [],
    ),
    ...removalChanges({
      id: first.id,
      entry: {
        ...first.entry,
        after: { ...first.entry.after, ...(metadataLocation !== null && { metadataLocation }) },
      },
    }),
  ]
}
