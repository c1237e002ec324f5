import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import { DEFAULT_REMOVAL_WINDOW_MS } from '@/lib/contract/table/expiry'
import type { ProposedAction, ReviewedAction } from '@/lib/contract/shapes/proposed-action'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { ExpireSnapshots } from '@/lib/changes/intents/expire-snapshots/words'
import { planExpiry } from '@/lib/changes/intents/plan-expiry'
import { requireKnownRef } from '@/lib/changes/intents/plan-ref-move'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { requirePermission } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import type { TableProposal } from '@/server/db/catalog/proposals'
import {
  commitEntryAction,
  type EntryAction,
  isEntryAction,
  requireEntryActionFits,
} from '@/server/proposals/proposed-entry-actions'
import type { Services } from '@/server/services'
import { commitCherryPick, planCherryPick } from '@/server/table/commit/cherry-pick'
import { type CommittedIntents, commitIntents, type IntentOptions } from '@/server/table/commit/commit-intents'
import { planUndo, undo } from '@/server/table/commit/undo'
import { snapshotById } from '@/server/table/commit/snapshot-files'
import { publish, requireForward } from '@/server/table/publishing/publish'
import { requireIntentsFit } from './require-intents-fit'
import { expiryCriteria, toRequest } from '@/server/table/expiry/preview-expiry'
import { requireExpiryUndoFits, undoExpiry } from '@/server/table/expiry/undo-expiry'

/**
 * What an action does is decided on the table as it is when it is committed, and what is committed is what the committing
 * user saw: their request names it, and is refused when it is not what the action does now.
 */

type UndoServices = Pick<Services, 'catalogs' | 'database' | 'keys' | 'manifestCache' | 'metadataFiles'>
type ExpireAction = Extract<ProposedAction, { kind: 'expire' }>

/** @throws {AppError} invalid-request, not-found, commit-conflict, not-supported: what a commit of it would throw now */
export async function requireActionFits(
  services: UndoServices,
  table: LoadedTable,
  action: ProposedAction,
  { actor, signal }: Pick<IntentOptions, 'actor' | 'signal'>,
): Promise<void> {
  const { metadata } = table
  const nowMs = services.database.nowMs()
  if (action.kind === 'expire') {
    if (plannedExpiry(metadata, action, nowMs) === null)
      throw new AppError('invalid-request', 'Nothing would expire, so there is nothing to propose.')
  } else if (action.kind === 'publish') {
    const { snapshotId, branch } = action
    if (branch !== null && requireKnownRef(metadata, branch).snapshotId !== snapshotId)
      throw new AppError('commit-conflict', `${branch} has moved. Look at it again and propose that.`)
    snapshotById(metadata, snapshotId)
    requireForward(metadata, requireKnownRef(metadata, MAIN_BRANCH).snapshotId, snapshotId)
  } else if (action.kind === 'cherry-pick') {
    await planCherryPick(services.manifestCache, table, action, signal)
  } else if (isEntryAction(action)) {
    await requireEntryActionFits(services, table, action, { actor, signal })
  } else if (action.kind === 'undo-expiry') {
    await requireExpiryUndoFits(services, table.identifier, action, { actor, signal })
  } else {
    const { entry, intents } = await planUndo(services, table.identifier, action.auditId, { ...action, actor, signal })
    if (entry.action !== action.undone)
      throw new AppError('invalid-request', `That entry of the history is not ${action.undone}, but ${entry.action}.`)
    requireIntentsFit(services.keys, metadata, intents)
  }
}

type CommitServices = UndoServices & Pick<Services, 'config' | 'log'>
export type CommittedProposal = { auditId: string; metadataLocation: string }

type CommitOptions = Pick<IntentOptions, 'actor' | 'signal' | 'requestId' | 'idempotencyKey' | 'confirmedName'>

/**
 * @param reviewed what the user saw who commits
 * @throws {AppError} invalid-request when it is not of this action; commit-conflict when the table has changed since
 */
export async function commitAction(
  services: CommitServices,
  table: LoadedTable,
  { action, ...proposal }: TableProposal & { action: ProposedAction },
  reviewed: ReviewedAction | undefined,
  options: CommitOptions,
): Promise<CommittedProposal> {
  const { identifier } = table
  requirePermission(options.actor, 'table:maintain', identifier)
  const shared = { ...options, proposal: { ...proposal, action } }
  if (isEntryAction(action)) return commitEntryAction(services, table, action, reviewed, shared)
  if (action.kind === 'undo-expiry') {
    const { auditId, newName } = action
    // The new table is a resource of its own, as that of a rename.
    if (newName !== null)
      requirePermission(options.actor, 'table:write', { ...identifier, table: newName }, { isNew: true })
    const undone = await undoExpiry(services, identifier, { auditId, newName: newName ?? undefined }, shared)
    return { auditId: undone.auditId, metadataLocation: undone.table.metadataLocation }
  }
  const committed = await commitTableAction(services, identifier, action, reviewed, shared)
  return { auditId: committed.auditId, metadataLocation: committed.table.metadataLocation }
}

async function commitTableAction(
  services: CommitServices,
  identifier: TableIdentifier,
  action: Exclude<ProposedAction, EntryAction | { kind: 'undo-expiry' }>,
  reviewed: ReviewedAction | undefined,
  shared: CommitOptions & { proposal: TableProposal },
): Promise<CommittedIntents> {
  if (action.kind === 'publish' && reviewed?.kind === 'publish') {
    const { mainSnapshotId } = reviewed
    return publish(services, identifier, { ...action, mainSnapshotId }, shared)
  }
  if (action.kind === 'cherry-pick' && reviewed?.kind === 'cherry-pick') {
    const { tipSnapshotId, allowsUnknownAncestry } = reviewed
    return commitCherryPick(services, identifier, { ...shared, ...action, tipSnapshotId, allowsUnknownAncestry })
  }
  // The entry says what its undo changes, and the commit checks that nothing else has changed that since.
  if (action.kind === 'undo') return undo(services, identifier, action.auditId, { ...shared, ...action })
  if (action.kind === 'expire' && reviewed?.kind === 'expire') {
    const { intent, nowMs } = reviewed
    // Ages that count from a later time would let more go than the proposal says.
    if (nowMs > services.database.nowMs())
      throw new AppError('invalid-request', 'The dry run cannot be of a later time.')
    return commitIntents(services, identifier, [intent], {
      ...shared,
      verify: async (metadata) => {
        if (!isDeepStrictEqual(plannedExpiry(metadata, action, nowMs), intent)) throw otherExpiryError()
        return undefined
      },
    })
  }
  throw new AppError(
    'invalid-request',
    `This proposal is committed with what was reviewed: \`reviewed\` of the kind ${action.kind}. Nothing was changed.`,
  )
}

function plannedExpiry(metadata: TableMetadata, action: ExpireAction, nowMs: number): ExpireSnapshots | null {
  const { removeFilesAfterMs = DEFAULT_REMOVAL_WINDOW_MS } = action
  return planExpiry(metadata, toRequest(expiryCriteria(action, nowMs)), removeFilesAfterMs).intent
}

function otherExpiryError(): AppError {
  return new AppError(
    'commit-conflict',
    'The proposed expiry removes other snapshots now than the dry run showed. Nothing was changed. Look at the dry run again.',
  )
}
