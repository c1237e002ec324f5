import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import { type Actor, requirePermission } from '@/server/auth/actor'
import type { ChangeRequest } from '../pipeline/change-request'
import type { EntryRow } from './proposed-entry'
import { auditChange } from '@/server/db/audit'
import { type HeldUploads, holdUploadsChange, releaseUploadsChange } from '@/server/db/catalog/held-uploads'
import { closeProposalChange } from '@/server/db/catalog/proposal-decisions'
import {
  addProposalChange,
  findProposal,
  MAX_OPEN_PROPOSALS,
  type NewProposal,
  newProposalId,
  type Proposal,
  type ProposedOn,
  unlistProposalChange,
} from '@/server/db/catalog/proposals'
import { type Database, UnexpectedChanges } from '@/server/db/database'
import { findStoredResponse, type IdempotencyKey, responseChanges } from '@/server/db/idempotency'
import { hasDropped } from '../actions/drop-namespace'
import { proposalClosedError, proposalInAudit } from '@/server/policy/demanded-proposal'

/** How proposals are stored, found and closed, whatever they propose. */

type Requester = Pick<ChangeRequest, 'actor' | 'requestId'>

/** The longest action of a proposal, in characters of its JSON. */
const MAX_PROPOSED_CHARS = 100_000
/** Per entry. */
export const MAX_LISTED_PROPOSALS = 100

/** @throws {AppError} too-large */
export function requireProposableSize(proposed: unknown): void {
  if (JSON.stringify(proposed).length > MAX_PROPOSED_CHARS)
    throw new AppError('too-large', `The changes of a proposal have at most ${MAX_PROPOSED_CHARS} characters as JSON.`)
}

/** A proposal that is not stored yet. */
export type Draft<New extends NewProposal> = New extends NewProposal ? Omit<New, 'proposalId' | 'proposedBy'> : never

/** The id of the proposal that the same request made before; null: none. */
export async function findEarlierProposal(database: Database, key: IdempotencyKey | null): Promise<string | null> {
  return key && findStoredResponse(database, key)
}

/**
 * Stores a proposal with its audit entry.
 *
 * @param uploadLifeMs how long uploads live that no open proposal needs
 * @returns its id
 * @throws {AppError} invalid-request when the entry has as many open ones as it may have; version-conflict when an upload
 *   that it loads was removed, or proposed by another request
 */
export async function storeProposal(
  database: Database,
  draft: Draft<NewProposal>,
  key: IdempotencyKey | null,
  { actor, requestId }: Requester,
  uploadLifeMs: number,
): Promise<string> {
  const { on, tableUuid, entryKind } = draft
  const proposalId = newProposalId()
  const proposedBy = { userId: actor.userId, username: actor.username }
  const entry = {
    actor,
    via: actor.via ?? null,
    action: 'propose-changes',
    ...toAudited({ on, tableUuid }),
    after: { proposal: proposalInAudit({ ...draft, proposalId, proposedBy }) },
    requestId,
  }
  const response = key ? responseChanges(key, proposalId) : []
  try {
    const add = addProposalChange({ ...draft, proposalId, proposedBy })
    const hold = heldUploads({ ...draft, proposalId, proposedBy }).map((held) => holdUploadsChange(held, uploadLifeMs))
    await database.commit([add, auditChange(entry), ...response, ...hold])
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error
    const concurrent = await findEarlierProposal(database, key)
    if (concurrent !== null) return concurrent
    if (error.index > 0)
      throw new AppError(
        'version-conflict',
        'A file of the load was removed, or another request has proposed it. Nothing was proposed.',
        { cause: error },
      )
    throw new AppError(
      'invalid-request',
      `A ${entryKind} has at most ${MAX_OPEN_PROPOSALS} open proposals. Commit, return or withdraw some of them first.`,
    )
  }
  return proposalId
}

/**
 * When another client dropped, renamed or replaced what a proposal is of, nothing reports it. A proposal that is opened
 * under a name that its table or view no longer has is taken from the lists of all entries.
 *
 * @throws {AppError} not-found when this entry has no such proposal
 */
export async function findProposalOf(
  database: Database,
  entryKind: Proposal['entryKind'],
  { on, tableUuid }: EntryRow,
  proposalId: string,
): Promise<Proposal> {
  const proposal = await findProposal(database, proposalId)
  const isOfEntry = proposal?.catalog === on.catalog && proposal.tableUuid === tableUuid
  if (proposal && !isOfEntry) await database.commit([unlistProposalChange(proposalId, on)])
  if (proposal === null || !isOfEntry || proposal.entryKind !== entryKind)
    throw new AppError('not-found', `This ${entryKind} has no such proposal.`, { facts: { proposalId } })
  return proposal
}

/**
 * Loads what a proposal is of. Where it is gone, the proposal is taken from the lists if the actor made it: to others it
 * may only be hidden.
 */
export async function loadProposedEntry<Entry>(
  database: Database,
  { on, proposalId, actor }: { on: ProposedOn; proposalId: string; actor: Pick<Actor, 'userId'> },
  load: () => Promise<Entry>,
): Promise<Entry> {
  try {
    return await load()
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') {
      const proposal = await findProposal(database, proposalId)
      if (proposal?.proposedBy.userId === actor.userId) await database.commit([unlistProposalChange(proposalId, on)])
    }
    throw error
  }
}

/** @throws {AppError} not-found for a proposal that was removed */
export async function readStoredProposal(database: Database, proposalId: string): Promise<Proposal> {
  const proposal = await findProposal(database, proposalId)
  if (proposal === null) throw new AppError('not-found', 'The proposal was removed.')
  return proposal
}

/**
 * Sends a proposal back to its proposer with a comment, or takes it back. Its uploads live on as others do.
 *
 * @throws {AppError} forbidden; version-conflict when the proposal is no longer open
 */
export async function closeStoredProposal(
  database: Database,
  row: EntryRow,
  proposal: Proposal,
  { state, comment }: { state: 'returned' | 'withdrawn'; comment: string | null },
  { actor, requestId }: Requester,
  uploadLifeMs: number,
): Promise<void> {
  const isOwn = proposal.proposedBy.userId === actor.userId
  if (state === 'withdrawn' && !isOwn)
    throw new AppError('forbidden', 'Only the user who made a proposal can withdraw it.')
  if (state === 'returned') {
    requirePermission(actor, 'table:maintain', row.on)
    if (isOwn)
      throw new AppError('forbidden', 'Another user sends a proposal back. Withdraw your own. Nothing was changed.')
  }
  const entry = {
    actor,
    via: actor.via ?? null,
    action: state === 'returned' ? 'return-proposal' : 'withdraw-proposal',
    ...toAudited(row),
    after: { proposal: { ...proposalInAudit(proposal), ...(comment !== null && { comment }) } },
    requestId,
  }
  const close = closeProposalChange(proposal.proposalId, { state, by: actor.username, comment })
  try {
    const release = heldUploads(proposal).map((held) => releaseUploadsChange(held, uploadLifeMs))
    await database.commit([close, auditChange(entry), ...release])
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error
    throw closedError((await findProposal(database, proposal.proposalId)) ?? proposal)
  }
}

/** The uploads that a proposal loads; none for other actions. */
function heldUploads({
  action,
  proposalId,
  proposedBy: { userId },
}: Pick<Proposal, 'action' | 'proposalId' | 'proposedBy'>): HeldUploads[] {
  if (action.kind !== 'load-uploads') return []
  return [{ proposalId, userId, uploadIds: action.uploads.map(({ uploadId }) => uploadId) }]
}

/** The entry, as the audit names it. */
function toAudited({ on, tableUuid }: EntryRow) {
  return 'table' in on ? { table: on, tableUuid } : { namespace: on }
}

/** Failures that a proposal explains that was decided on: others say what they are, or leave the outcome open. */
const EXPLAINED_CODES: ReadonlySet<ErrorCode> = new Set([
  'already-exists',
  'commit-conflict',
  'invalid-request',
  'not-found',
  'version-conflict',
])

/**
 * Commits an open proposal. One that was decided on, before or while it was committed, is not said to conflict with the
 * table, which has its changes.
 *
 * @param idempotencyKey a repeated request finds its stored response, so that its proposal need not be open
 * @throws {AppError} version-conflict when it is no longer open; otherwise as `commit`
 */
export async function commitOpenProposal<Committed>(
  database: Database,
  proposal: Proposal,
  idempotencyKey: string | undefined,
  commit: () => Promise<Committed>,
): Promise<Committed> {
  const { state, proposalId } = proposal
  if (state !== 'open' && !(state === 'committed' && idempotencyKey !== undefined)) throw closedError(proposal)
  try {
    return await commit()
  } catch (error) {
    if (!(error instanceof AppError) || !EXPLAINED_CODES.has(error.code) || hasDropped(error)) throw error
    const now = await findProposal(database, proposalId)
    throw now === null || now.state === 'open' ? error : closedError(now, error)
  }
}

/** Says what became of a proposal that is not open, by whom and when. */
function closedError({ state, decidedBy, decidedAtMs, expiresAtMs }: Proposal, cause?: unknown): AppError {
  const by = decidedBy ?? 'Another user'
  const facts = { state, decidedBy, decidedAtMs }
  const sentences: Partial<Record<Proposal['state'], string>> = {
    committed: `${by} committed this proposal already`,
    returned: `${by} sent this proposal back`,
    withdrawn: `${by} withdrew this proposal`,
    expired: 'Nobody decided on this proposal in time. It expired',
  }
  const sentence = sentences[state]
  if (sentence === undefined) return proposalClosedError()
  const atMs = state === 'expired' ? expiresAtMs : decidedAtMs
  const at = atMs === null ? '' : ` on ${formatUtcMinute(atMs)}`
  return new AppError('version-conflict', `${sentence}${at}. Nothing was changed.`, { facts, cause })
}

/** `2026-11-24 10:03 UTC`. */
function formatUtcMinute(instantMs: number): string {
  return `${new Date(instantMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
