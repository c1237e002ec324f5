import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Intent, intentArea } from '@/lib/changes/intents/intent'
import { changeForIntents, losesSnapshots } from '@/lib/changes/intents/intent-changes'
import type { SetRef } from '@/lib/changes/intents/set-ref/words'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import { findRef, isAncestor } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type Actor, requirePermission } from '@/server/auth/actor'
import { permissionForUpdates } from '@/server/auth/update-permissions'
import type { CommittedTable, LoadedTable } from '@/server/catalog/catalog-client'
import { type AuditState, auditChange, newAuditId } from '@/server/db/audit'
import { requireNoPolicyChange } from '@/server/db/catalog/change-policies'
import { claimProposalChange, commitProposalChange, type Proposal } from '@/server/db/catalog/proposals'
import { type Change, UnexpectedChanges } from '@/server/db/database'
import { responseChanges } from '@/server/db/idempotency'
import type { TableServices } from '@/server/table/table-services'
import { planExpiryAudit } from '../expiry/expiry-audit'
import { removalChanges } from '../expiry/queued-removals'
import { commitAuditEntry, commitPlan } from './commit-audit-entry'
import { digestOfChange } from './change-request'
import { commitKey, findConcurrentCommit, findEarlierCommit } from './repeated-commit'
import { unmaskBases } from '../mask-properties'
import { requireConfirmedName } from '../confirmed-name'
import {
  proposalClosedError,
  proposalInAudit,
  requireProposalIfDemanded,
  requireSameUuid,
} from '@/server/policy/demanded-proposal'

export type IntentOptions = {
  actor: Actor
  signal: AbortSignal
  requestId: string | null
  /** For the audit row, when that is not what the intents are: `undo`. */
  action?: string
  /** The audit entry that these intents undo. */
  undoes?: string
  /** Chosen by the client: a repeated request with the same key is carried out once and gets the same answer. */
  idempotencyKey?: string | undefined
  /** Namespace and name of the table, typed by the person: required when a branch or a tag loses snapshots. */
  confirmedName?: string | undefined
  /** The proposal that is committed: its intents are these. */
  proposal?: Proposal
  /** Of the request that the user saw, as `digestOfChange` returns it: no other one is committed. */
  requestDigest?: string | undefined
  /** The time of the commit and of its audit row, see `CommitOptions`; now if absent. */
  committedAtMs?: number
  /** Called with the metadata that each attempt would replace. The audit has the checks that it returns. */
  verify?: (metadata: TableMetadata) => Promise<AuditState['checks']>
}

/** The table as committed (for a repeated request: as it is now) and the id of the audit entry. */
export type CommittedIntents = { table: LoadedTable; auditId: string }

/**
 * Commits what a person wants, with its audit row. The intents are checked against the very metadata that is replaced.
 * When another writer commits first they are checked again, and a conflicting change is refused and not overwritten.
 *
 * @throws {AppError} commit-conflict with the current values among its facts; invalid-request when a branch or a tag
 *   loses snapshots and the name is not confirmed; forbidden when the change needs more than the actor may do; not-found,
 *   commit-state-unknown as the catalog does
 */
export async function commitIntents(
  services: Pick<TableServices, 'catalogs' | 'database' | 'keys'>,
  identifier: TableIdentifier,
  intents: readonly Intent[],
  options: IntentOptions,
): Promise<CommittedIntents> {
  const catalog = await services.catalogs.open(identifier.catalog, options.actor)
  const key = commitKey(identifier, options, [options.action ?? null, intents])
  const repeated = { database: services.database, catalog, identifier, key, signal: options.signal }
  const earlier = await findEarlierCommit(repeated)
  if (earlier) return earlier

  const expiry = await planExpiryAudit(services.database, catalog, identifier, intents, options.signal)
  const entryId = newAuditId()
  let isCommitted = false
  let checks: AuditState['checks']
  const { proposal, verify, requestDigest: _, ...auditedOptions } = options
  const isByOneUser = proposal === undefined || proposal.proposedBy.userId === options.actor.userId
  const toAudited = (before?: TableMetadata) => ({
    action: intentsAction(intents, before),
    ...auditedOptions,
    intents,
    ...(proposal && { proposal: proposalInAudit(proposal) }),
    ...(expiry && { expiry }),
    ...(checks && { checks }),
  })
  const toEntry = (committed: CommittedTable) => commitAuditEntry(committed, toAudited(committed.before?.metadata))
  const alongside = (committed: CommittedTable): Change[] => {
    isCommitted = true
    const entry = toEntry(committed)
    return [
      auditChange(entry, {
        id: entryId,
        ...(options.committedAtMs !== undefined && { atMs: options.committedAtMs }),
      }),
      ...(key ? responseChanges(key, entryId) : []),
      ...removalChanges({ id: entryId, entry }, options.actor),
      ...(proposal
        ? [commitProposalChange(proposal.proposalId, { by: options.actor.username, auditId: entryId })]
        : []),
      // The policy may have been set since it was read. A remote catalog has made the change already.
      ...(catalog.kind === 'embedded' && isByOneUser ? [requireNoPolicyChange(identifier)] : []),
    ]
  }
  try {
    const table = await catalog.commitTable(
      identifier,
      async ({ metadata }) => {
        await requireProposalIfDemanded(services.database, identifier, proposal, options.actor)
        requireSameUuid(proposal, metadata.tableUuid)
        const seen = unmaskBases(services.keys, metadata, intents)
        const change = changeForIntents(metadata, seen)
        requirePermission(options.actor, permissionForUpdates(change.updates), identifier)
        requireReviewed(change, metadata, options.requestDigest)
        checks = await verify?.(metadata)
        if (losesSnapshots(metadata, seen)) requireConfirmedName(identifier, options.confirmedName)
        return change
      },
      {
        plan: {
          ...commitPlan(identifier, entryId, toAudited()),
          toEntry,
          idempotency: key,
          ...(proposal && { claim: claimProposalChange(proposal.proposalId, entryId) }),
        },
        alongside,
        signal: options.signal,
        ...(options.committedAtMs !== undefined && { committedAtMs: options.committedAtMs }),
      },
    )
    if (isCommitted) return { table, auditId: entryId }
    throw new AppError('invalid-request', 'The table is already in this state, so there is nothing to commit.')
  } catch (error) {
    const concurrent = await findConcurrentCommit(repeated, error)
    if (concurrent) return concurrent
    if (error instanceof UnexpectedChanges) {
      await requireProposalIfDemanded(services.database, identifier, proposal, options.actor)
      if (proposal) throw proposalClosedError()
    }
    throw error
  }
}

function requireReviewed(change: TableChange, metadata: TableMetadata, requestDigest: string | undefined): void {
  if (requestDigest === undefined || digestOfChange(change, metadata) === requestDigest) return
  throw new AppError(
    'commit-conflict',
    'Another commit came in between, and the request is no longer the one that was shown. Look at it again.',
  )
}

/** What the audit calls a commit: the kind of its intents, or what they have in common. */
function intentsAction(intents: readonly Intent[], before: TableMetadata | undefined): string {
  const [only] = intents
  if (only?.kind === 'set-ref' && intents.length === 1 && before) return setRefAction(before, only)
  const kinds = new Set(intents.map(({ kind }) => kind))
  const areas = new Set(intents.map(intentArea))
  const [kind] = kinds
  const [area] = areas
  if (areas.size !== 1 || area === undefined) return 'change-table'
  if (area === 'settings' && !kinds.has('upgrade-format-version')) return 'set-properties'
  return kinds.size === 1 && kind !== undefined ? kind : `change-${area}`
}

/** By where the ref goes, because `roll-back` and `fast-forward` are other intents only when they could be. */
function setRefAction(metadata: TableMetadata, { refName, fromSnapshotId, toSnapshotId }: SetRef): string {
  if (findRef(metadata, refName)?.type === 'tag') return 'move-tag'
  if (isAncestor(metadata, { ancestorId: toSnapshotId, snapshotId: fromSnapshotId })) return 'roll-back'
  return isAncestor(metadata, { ancestorId: fromSnapshotId, snapshotId: toSnapshotId }) ? 'fast-forward' : 'move-branch'
}
