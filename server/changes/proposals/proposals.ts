import 'server-only'
import { AppError } from '@/lib/errors'
import type { Reviewed } from '@/lib/contract/proposals'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { readAudit } from '@/server/db/audit-list'
import {
  findProposal,
  type ListedProposal,
  listOpenProposals,
  listProposals,
  type NewProposal,
  type Proposal,
  type ProposedOn,
} from '@/server/db/catalog/proposals'
import type { Services } from '@/server/services'
import type { ChangeRequest } from '../pipeline/change-request'
import { findWriteOutcome, openOutcomeError, writeKey } from '../pipeline/write-key'
import { type EntryRef, loadEntry, nameOf, toEntryRow } from './proposed-entry'
import type { Committed, ProposalServices } from './proposable'
import { carryOutProposal, requireFits } from './proposable-actions'
import {
  closeStoredProposal,
  type Draft,
  commitOpenProposal,
  findEarlierProposal,
  findProposalOf,
  loadProposedEntry,
  MAX_LISTED_PROPOSALS,
  readStoredProposal,
  requireProposableSize,
  storeProposal,
} from './stored-proposals'

/** Actions on an entry that one user proposes and another one carries out. */

/** An action of the kind of entry that it is for. */
export type Proposed = { action: Proposal['action']; title: string; note: string }
type Reader = Pick<ChangeRequest, 'actor' | 'signal'>

/** Over all entries: older proposals are not considered for a list. */
const MAX_OPEN_READ = 1_000

/**
 * Keeps an action for another user to carry out. It has to fit the entry as it is now. A repeated request with
 * the same key returns the proposal that the first one made.
 *
 * @param bulkChangeId the change of many tables that it is a part of
 * @throws {AppError} too-large; and what carrying it out would throw now
 */
export async function propose(
  services: ProposalServices,
  entry: EntryRef,
  { action, title, note }: Proposed,
  request: ChangeRequest,
  bulkChangeId?: string,
): Promise<Proposal> {
  const { config, database } = services
  const key = writeKey(request.actor, request.idempotencyKey, ['propose', nameOf(entry), action, title, note])
  const earlierId = await findEarlierProposal(database, key)
  if (earlierId !== null) return readStoredProposal(database, earlierId)
  requireProposableSize(action)
  const loaded = await loadEntry(services, entry, request)
  try {
    await requireFits(services, loaded, action, request)
  } catch (error) {
    // Its uploads may belong to the proposal that the same request has made meanwhile.
    const concurrentId = await findEarlierProposal(database, key)
    if (concurrentId === null) throw error
    return readStoredProposal(database, concurrentId)
  }
  const part = bulkChangeId === undefined ? {} : { bulkChangeId }
  const draft = { ...toEntryRow(loaded), action, title, note, entryKind: entry.kind, ...part }
  const proposalId = await storeProposal(database, draft as Draft<NewProposal>, key, request, config.uploads.lifeMs)
  return readStoredProposal(database, proposalId)
}

/** The newest proposals of an entry. */
export async function readProposals(
  services: ProposalServices,
  entry: EntryRef,
  reader: Reader,
): Promise<ListedProposal[]> {
  const { tableUuid } = toEntryRow(await loadEntry(services, entry, reader))
  const { kind: entryKind, identifier } = entry
  const limit = MAX_LISTED_PROPOSALS
  return listProposals(services.database, { entryKind, catalog: identifier.catalog, tableUuid, limit })
}

/**
 * The newest proposals of all entries that wait for a decision of the actor, and those that the actor made, without those
 * of changes of many tables.
 *
 * `isTruncated`: there may be more.
 */
export async function readWaitingProposals(
  { database }: Pick<Services, 'database'>,
  actor: Actor,
): Promise<{ proposals: (ListedProposal & { on: ProposedOn })[]; isTruncated: boolean }> {
  const open = await listOpenProposals(database, { limit: MAX_OPEN_READ, isAlone: true })
  const own = open.filter(
    ({ on, proposedBy }) =>
      isPermitted(actor, 'table:read', on) &&
      (proposedBy.userId === actor.userId || isPermitted(actor, 'table:write', on)),
  )
  const isTruncated = own.length > MAX_LISTED_PROPOSALS || open.length === MAX_OPEN_READ
  return { proposals: own.slice(0, MAX_LISTED_PROPOSALS), isTruncated }
}

/** @throws {AppError} not-found when this entry has no such proposal */
export async function readProposal(
  services: ProposalServices,
  entry: EntryRef,
  proposalId: string,
  reader: Reader,
): Promise<Proposal> {
  return (await loadProposed(services, entry, proposalId, reader)).proposal
}

/** The run that the commit of a proposal has started; null for an action without one, and before the commit. */
export async function readProposalRun(
  { database }: Pick<ProposalServices, 'database'>,
  { auditId }: Pick<Proposal, 'auditId'>,
): Promise<string | null> {
  const entry = auditId === null ? null : await readAudit(database, auditId)
  return entry?.after?.run?.id ?? null
}

/**
 * Carries out what was proposed, exactly as it was proposed, and as the committing user saw it.
 *
 * @throws {AppError} version-conflict when the proposal is no longer open; invalid-request when `reviewed` is not of this
 *   action; otherwise as the action does
 */
export async function commitProposal(
  services: ProposalServices,
  entry: EntryRef,
  proposalId: string,
  { reviewed, ...request }: ChangeRequest & { reviewed?: Reviewed | undefined },
): Promise<Committed> {
  const { database } = services
  const find = async () => {
    const loaded = await loadEntry(services, entry, request)
    return { loaded, proposal: await findProposalOf(database, entry.kind, toEntryRow(loaded), proposalId) }
  }
  const found = await find().catch(async (error: unknown) => {
    const isMissing = error instanceof AppError && error.code === 'not-found'
    const earlier = isMissing ? await findEarlierCommit(database, proposalId, request) : null
    if (earlier === null) throw error
    return earlier
  })
  if ('auditId' in found) return found
  const { loaded, proposal } = found
  return commitOpenProposal(database, proposal, request.idempotencyKey, () =>
    carryOutProposal(services, loaded, proposal, reviewed, { ...request, proposal }),
  )
}

/** The first answer to a repeated request. A drop or a rename takes away the name by which it would find its entry. */
async function findEarlierCommit(
  database: ProposalServices['database'],
  proposalId: string,
  { actor, idempotencyKey: key }: Pick<ChangeRequest, 'actor' | 'idempotencyKey'>,
): Promise<Committed | null> {
  if (key === undefined) return null
  const { outcome, auditId } = await findWriteOutcome(database, actor, key)
  if (outcome === 'pending') throw openOutcomeError()
  if (auditId === null) return null
  const proposal = await findProposal(database, proposalId)
  if (proposal?.state !== 'committed' || proposal.auditId !== auditId) return null
  const entry = proposal.entryKind === 'table' ? await readAudit(database, auditId) : null
  return { auditId, metadataLocation: entry?.after?.metadataLocation ?? entry?.before?.metadataLocation ?? null }
}

/** Sends a proposal back to its proposer with a comment, or takes it back. */
export async function closeProposal(
  services: ProposalServices,
  entry: EntryRef,
  proposalId: string,
  decision: { state: 'returned' | 'withdrawn'; comment: string | null },
  request: ChangeRequest,
): Promise<Proposal> {
  const { proposal, row } = await loadProposed(services, entry, proposalId, request)
  await closeStoredProposal(services.database, row, proposal, decision, request, services.config.uploads.lifeMs)
  return findProposalOf(services.database, entry.kind, row, proposalId)
}

async function loadProposed(services: ProposalServices, entry: EntryRef, proposalId: string, reader: Reader) {
  const { database } = services
  const named = { on: nameOf(entry), proposalId, actor: reader.actor }
  const row = toEntryRow(await loadProposedEntry(database, named, () => loadEntry(services, entry, reader)))
  return { row, proposal: await findProposalOf(database, entry.kind, row, proposalId) }
}
