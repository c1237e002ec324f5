import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { Intent } from '@/lib/iceberg/intents/intent'
import { findConflicts, findProblem } from '@/lib/iceberg/intents/intent-changes'
import { type Actor, isPermitted, requirePermission } from '@/server/auth/actor'
import { auditChange } from '@/server/db/audit'
import {
  addProposalChange,
  closeProposalChange,
  findProposal,
  type ListedProposal,
  listOpenProposals,
  listProposals,
  MAX_OPEN_PROPOSALS,
  newProposalId,
  type Proposal,
} from '@/server/db/catalog/proposals'
import { UnexpectedChanges } from '@/server/db/database'
import type { Services } from '@/server/services'
import { commitIntents, type CommittedIntents, type IntentOptions } from '../commit/commit-intents'
import { requireNoSecrets, unmaskBases } from '../mask-properties'
import { proposalClosedError, proposalInAudit } from './demanded-proposal'

type ProposalServices = Pick<Services, 'catalogs' | 'database' | 'keys'>
type RequestFacts = { actor: Actor; signal: AbortSignal; requestId: string | null }

/** Of all intents of a proposal together, as JSON. */
const MAX_INTENTS_CHARS = 100_000
const MAX_LISTED = 100
/** Of all tables. Older ones are not looked at for a list. */
const MAX_OPEN_READ = 1_000

/**
 * Keeps changes for another user to commit. They have to fit the table as it is now.
 *
 * @throws {AppError} invalid-request, too-large, commit-conflict
 */
export async function propose(
  services: ProposalServices,
  identifier: TableIdentifier,
  { intents, title, note }: { intents: readonly Intent[]; title: string; note: string },
  { actor, signal, requestId }: RequestFacts,
): Promise<Proposal> {
  requireNoSecrets(intents)
  if (JSON.stringify(intents).length > MAX_INTENTS_CHARS)
    throw new AppError('too-large', `The changes of a proposal have at most ${MAX_INTENTS_CHARS} characters as JSON.`)
  const { metadata } = await loadTable(services, identifier, { actor, signal })
  const seen = unmaskBases(services.keys, metadata, intents)
  if (findConflicts(metadata, seen).length > 0)
    throw new AppError(
      'commit-conflict',
      'The table changed since you opened it. Review the changes and propose again.',
    )
  const problem = findProblem(metadata, seen)
  if (problem) throw problem.error
  const proposal = {
    proposalId: newProposalId(),
    table: identifier,
    tableUuid: metadata.tableUuid,
    title,
    note,
    intents,
    proposedBy: { userId: actor.userId, username: actor.username },
  }
  const entry = {
    actor,
    via: actor.via ?? null,
    action: 'propose-changes',
    table: identifier,
    tableUuid: metadata.tableUuid,
    after: { proposal: { proposalId: proposal.proposalId, title, proposedBy: actor.username } },
    requestId,
  }
  await services.database.commit([addProposalChange(proposal), auditChange(entry)]).catch((error: unknown) => {
    if (!(error instanceof UnexpectedChanges)) throw error
    throw new AppError(
      'invalid-request',
      `A table has at most ${MAX_OPEN_PROPOSALS} open proposals. Commit, return or withdraw some of them first.`,
    )
  })
  return readOwn(services, proposal.proposalId)
}

/** The newest proposals of a table. */
export async function readProposals(
  services: ProposalServices,
  identifier: TableIdentifier,
  facts: Pick<RequestFacts, 'actor' | 'signal'>,
): Promise<ListedProposal[]> {
  const { metadata } = await loadTable(services, identifier, facts)
  const { tableUuid } = metadata
  return listProposals(services.database, { catalog: identifier.catalog, tableUuid, limit: MAX_LISTED })
}

/**
 * The newest proposals of all tables that wait for a decision of the actor, and those that the actor made.
 *
 * `isCut`: there may be more.
 */
export async function readWaitingProposals(
  { database }: Pick<Services, 'database'>,
  actor: Actor,
): Promise<{ proposals: (ListedProposal & { table: TableIdentifier })[]; isCut: boolean }> {
  const open = await listOpenProposals(database, { limit: MAX_OPEN_READ })
  const own = open.filter(
    ({ table, proposedBy }) =>
      isPermitted(actor, 'table:read', table) &&
      (proposedBy.userId === actor.userId || isPermitted(actor, 'table:write', table)),
  )
  return { proposals: own.slice(0, MAX_LISTED), isCut: own.length > MAX_LISTED || open.length === MAX_OPEN_READ }
}

/** @throws {AppError} not-found when this table has no such proposal */
export async function readProposal(
  services: ProposalServices,
  identifier: TableIdentifier,
  proposalId: string,
  facts: Pick<RequestFacts, 'actor' | 'signal'>,
): Promise<Proposal> {
  const { metadata } = await loadTable(services, identifier, facts)
  const proposal = await findProposal(services.database, proposalId)
  if (proposal === null || proposal.catalog !== identifier.catalog || proposal.tableUuid !== metadata.tableUuid)
    throw new AppError('not-found', 'This table has no such proposal.', { facts: { proposalId } })
  return proposal
}

/**
 * Commits the changes exactly as they were proposed.
 *
 * @throws {AppError} version-conflict when the proposal is no longer open; otherwise as {@link commitIntents}
 */
export async function commitProposal(
  services: ProposalServices,
  identifier: TableIdentifier,
  proposalId: string,
  options: RequestFacts & Pick<IntentOptions, 'confirmedName' | 'idempotencyKey'>,
): Promise<CommittedIntents> {
  const proposal = await readProposal(services, identifier, proposalId, options)
  // A repeated request finds its stored response.
  if (proposal.state !== 'open' && !(proposal.state === 'committed' && options.idempotencyKey !== undefined))
    throw proposalClosedError()
  return commitIntents(services, identifier, proposal.intents, { ...options, proposal })
}

/** Sends a proposal back to its proposer with a word, or takes it back. */
export async function closeProposal(
  services: ProposalServices,
  identifier: TableIdentifier,
  proposalId: string,
  { state, word }: { state: 'returned' | 'withdrawn'; word: string | null },
  { actor, signal, requestId }: RequestFacts,
): Promise<Proposal> {
  const proposal = await readProposal(services, identifier, proposalId, { actor, signal })
  const isOwn = proposal.proposedBy.userId === actor.userId
  if (state === 'withdrawn' && !isOwn)
    throw new AppError('forbidden', 'Only the user who made a proposal can withdraw it.')
  if (state === 'returned') requirePermission(actor, 'table:maintain', identifier)
  const entry = {
    actor,
    via: actor.via ?? null,
    action: state === 'returned' ? 'return-proposal' : 'withdraw-proposal',
    table: identifier,
    tableUuid: proposal.tableUuid,
    after: { proposal: { ...proposalInAudit(proposal), ...(word !== null && { word }) } },
    requestId,
  }
  const close = closeProposalChange(proposalId, { state, by: actor.username, word })
  await services.database.commit([close, auditChange(entry)]).catch((error: unknown) => {
    if (error instanceof UnexpectedChanges) throw proposalClosedError()
    throw error
  })
  return readOwn(services, proposalId)
}

async function loadTable(
  { catalogs }: ProposalServices,
  identifier: TableIdentifier,
  { actor, signal }: Pick<RequestFacts, 'actor' | 'signal'>,
) {
  const catalog = await catalogs.open(identifier.catalog, actor)
  return catalog.loadTable(identifier, { signal })
}

async function readOwn({ database }: ProposalServices, proposalId: string): Promise<Proposal> {
  const proposal = await findProposal(database, proposalId)
  if (proposal === null) throw new AppError('not-found', 'The proposal was removed.')
  return proposal
}
