import 'server-only'
import type { ReviewedAction } from '@/lib/contract/shapes/proposed-action'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { type Actor, isPermitted, requirePermission } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/catalog-client'
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
import { findStoredResponse, type IdempotencyKey, responseChanges } from '@/server/db/idempotency'
import type { Services } from '@/server/services'
import { commitIntents, type IntentOptions } from '@/server/table/commit/commit-intents'
import { commitKey } from '@/server/table/commit/repeated-commit'
import { requireNoSecrets } from '@/server/table/mask-properties'
import { proposalClosedError, proposalInAudit } from '@/server/policy/demanded-proposal'
import { commitAction, type CommittedProposal, requireActionFits } from './proposed-actions'
import { requireIntentsFit } from './require-intents-fit'

type ProposalServices = Pick<Services, 'catalogs' | 'database' | 'keys' | 'metadataFiles'>
type Proposed = Pick<Proposal, 'intents' | 'action' | 'title' | 'note'>
type RequestFacts = { actor: Actor; signal: AbortSignal; requestId: string | null }

/** Of all intents of a proposal together, as JSON. */
const MAX_INTENTS_CHARS = 100_000
const MAX_LISTED = 100
/** Of all tables. Older ones are not looked at for a list. */
const MAX_OPEN_READ = 1_000

/**
 * Keeps changes for another user to commit. They have to fit the table as it is now. A repeated request with the same key
 * returns the proposal that the first one made.
 *
 * @throws {AppError} invalid-request, too-large, commit-conflict
 */
export async function propose(
  services: ProposalServices,
  identifier: TableIdentifier,
  proposed: Proposed,
  { actor, signal, requestId, idempotencyKey }: RequestFacts & Pick<IntentOptions, 'idempotencyKey'>,
): Promise<Proposal> {
  const { intents, action, title, note } = proposed
  const key = commitKey(identifier, { actor, idempotencyKey }, ['propose', intents, action, title, note])
  const earlier = await findEarlier(services, key)
  if (earlier !== null) return earlier
  const table = await loadTable(services, identifier, { actor, signal })
  await requireFits(services, table, proposed, { actor, signal })
  const { tableUuid } = table.metadata
  const proposedBy = { userId: actor.userId, username: actor.username }
  const proposal = { ...proposed, proposalId: newProposalId(), table: identifier, tableUuid, proposedBy }
  const entry = {
    actor,
    via: actor.via ?? null,
    action: 'propose-changes',
    table: identifier,
    tableUuid,
    after: { proposal: { proposalId: proposal.proposalId, title, proposedBy: actor.username } },
    requestId,
  }
  const response = key ? responseChanges(key, proposal.proposalId) : []
  try {
    await services.database.commit([addProposalChange(proposal), auditChange(entry), ...response])
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error
    const concurrent = await findEarlier(services, key)
    if (concurrent !== null) return concurrent
    throw new AppError(
      'invalid-request',
      `A table has at most ${MAX_OPEN_PROPOSALS} open proposals. Commit, return or withdraw some of them first.`,
    )
  }
  return readOwn(services, proposal.proposalId)
}

/** The proposal that the same request made before; null: none. */
async function findEarlier(services: ProposalServices, key: IdempotencyKey | null): Promise<Proposal | null> {
  const proposalId = key && (await findStoredResponse(services.database, key))
  return proposalId === null ? null : readOwn(services, proposalId)
}

async function requireFits(
  services: ProposalServices,
  table: LoadedTable,
  { intents, action }: Proposed,
  facts: Pick<RequestFacts, 'actor' | 'signal'>,
): Promise<void> {
  if ((intents.length === 0) === (action === null))
    throw new AppError('invalid-request', 'A proposal has either intents or an action.')
  requireNoSecrets(intents)
  if (JSON.stringify([intents, action]).length > MAX_INTENTS_CHARS)
    throw new AppError('too-large', `The changes of a proposal have at most ${MAX_INTENTS_CHARS} characters as JSON.`)
  if (action !== null) return requireActionFits(services, table, action, facts)
  requireIntentsFit(services.keys, table.metadata, intents)
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
  return findProposalOf(services, await loadTable(services, identifier, facts), proposalId)
}

async function findProposalOf(
  services: ProposalServices,
  { identifier, metadata }: LoadedTable,
  proposalId: string,
): Promise<Proposal> {
  const proposal = await findProposal(services.database, proposalId)
  if (proposal === null || proposal.catalog !== identifier.catalog || proposal.tableUuid !== metadata.tableUuid)
    throw new AppError('not-found', 'This table has no such proposal.', { facts: { proposalId } })
  return proposal
}

/**
 * Commits the changes exactly as they were proposed, and as the committing user saw them.
 *
 * @throws {AppError} version-conflict when the proposal is no longer open; otherwise as {@link commitIntents}
 */
export async function commitProposal(
  services: ProposalServices & Pick<Services, 'config' | 'log'>,
  identifier: TableIdentifier,
  proposalId: string,
  {
    reviewed,
    ...options
  }: RequestFacts &
    Pick<IntentOptions, 'confirmedName' | 'idempotencyKey' | 'requestDigest'> & {
      reviewed?: ReviewedAction | undefined
    },
): Promise<CommittedProposal> {
  const table = await loadTable(services, identifier, options)
  const proposal = await findProposalOf(services, table, proposalId)
  // A repeated request finds its stored response.
  if (proposal.state !== 'open' && !(proposal.state === 'committed' && options.idempotencyKey !== undefined))
    throw proposalClosedError()
  const { action } = proposal
  if (action !== null) return commitAction(services, table, { ...proposal, action }, reviewed, options)
  const committed = await commitIntents(services, identifier, proposal.intents, { ...options, proposal })
  return { auditId: committed.auditId, metadataLocation: committed.table.metadataLocation }
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
  if (state === 'returned') {
    requirePermission(actor, 'table:maintain', identifier)
    if (isOwn)
      throw new AppError('forbidden', 'Another user sends a proposal back. Withdraw your own. Nothing was changed.')
  }
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
