import 'server-only'
import type { ReviewedAction } from '@/lib/contract/shapes/proposed-action'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import {
  type ListedProposal,
  listOpenProposals,
  listProposals,
  type TableProposal,
} from '@/server/db/catalog/proposals'
import type { Services } from '@/server/services'
import { commitIntents, type IntentOptions } from '@/server/table/commit/commit-intents'
import { commitKey } from '@/server/table/commit/repeated-commit'
import { requireNoSecrets } from '@/server/table/mask-properties'
import {
  closeKeptProposal,
  commitOpenProposal,
  findEarlierProposal,
  findProposalOf,
  keepProposal,
  loadProposedEntry,
  MAX_LISTED_PROPOSALS,
  type ProposalRequest,
  readKeptProposal,
  requireProposableSize,
} from './kept-proposals'
import { commitAction, type CommittedProposal, requireActionFits } from './proposed-actions'
import { requireIntentsFit } from './require-intents-fit'

type ProposalServices = Pick<Services, 'catalogs' | 'database' | 'keys' | 'manifestCache' | 'metadataFiles'>
type Proposed = Pick<TableProposal, 'intents' | 'action' | 'title' | 'note'>

/** Of all tables and views. Older ones are not looked at for a list. */
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
  { actor, signal, requestId, idempotencyKey }: ProposalRequest & Pick<IntentOptions, 'idempotencyKey'>,
): Promise<TableProposal> {
  const { intents, action, title, note } = proposed
  const key = commitKey(identifier, { actor, idempotencyKey }, ['propose', intents, action, title, note])
  const earlierId = await findEarlierProposal(services.database, key)
  if (earlierId !== null) return readKeptProposal(services.database, 'table', earlierId)
  const table = await loadTable(services, identifier, { actor, signal })
  await requireFits(services, table, proposed, { actor, signal })
  const toKeep = { ...proposed, ...toEntry(table), entryKind: 'table' as const }
  const proposalId = await keepProposal(services.database, toKeep, key, { actor, requestId })
  return readKeptProposal(services.database, 'table', proposalId)
}

async function requireFits(
  services: ProposalServices,
  table: LoadedTable,
  { intents, action }: Proposed,
  facts: Pick<ProposalRequest, 'actor' | 'signal'>,
): Promise<void> {
  if ((intents.length === 0) === (action === null))
    throw new AppError('invalid-request', 'A proposal has either intents or an action.')
  requireNoSecrets(intents)
  requireProposableSize([intents, action])
  if (action !== null) return requireActionFits(services, table, action, facts)
  requireIntentsFit(services.keys, table.metadata, intents)
}

/** The newest proposals of a table. */
export async function readProposals(
  services: ProposalServices,
  identifier: TableIdentifier,
  facts: Pick<ProposalRequest, 'actor' | 'signal'>,
): Promise<ListedProposal[]> {
  const { metadata } = await loadTable(services, identifier, facts)
  const { tableUuid } = metadata
  return listProposals(services.database, { catalog: identifier.catalog, tableUuid, limit: MAX_LISTED_PROPOSALS })
}

/**
 * The newest proposals of all tables and views that wait for a decision of the actor, and those that the actor made.
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
  const isCut = own.length > MAX_LISTED_PROPOSALS || open.length === MAX_OPEN_READ
  return { proposals: own.slice(0, MAX_LISTED_PROPOSALS), isCut }
}

/** @throws {AppError} not-found when this table has no such proposal */
export async function readProposal(
  services: ProposalServices,
  identifier: TableIdentifier,
  proposalId: string,
  facts: Pick<ProposalRequest, 'actor' | 'signal'>,
): Promise<TableProposal> {
  return findOf(services, await loadProposed(services, identifier, proposalId, facts), proposalId)
}

function findOf({ database }: ProposalServices, table: LoadedTable, proposalId: string): Promise<TableProposal> {
  return findProposalOf(database, 'table', toEntry(table), proposalId)
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
  }: ProposalRequest &
    Pick<IntentOptions, 'confirmedName' | 'idempotencyKey' | 'requestDigest'> & {
      reviewed?: ReviewedAction | undefined
    },
): Promise<CommittedProposal> {
  const table = await loadTable(services, identifier, options)
  const proposal = await findOf(services, table, proposalId)
  return commitOpenProposal(services.database, proposal, options.idempotencyKey, async () => {
    const { action } = proposal
    if (action !== null) return commitAction(services, table, { ...proposal, action }, reviewed, options)
    const committed = await commitIntents(services, identifier, proposal.intents, { ...options, proposal })
    return { auditId: committed.auditId, metadataLocation: committed.table.metadataLocation }
  })
}

/** Sends a proposal back to its proposer with a word, or takes it back. */
export async function closeProposal(
  services: ProposalServices,
  identifier: TableIdentifier,
  proposalId: string,
  decision: { state: 'returned' | 'withdrawn'; word: string | null },
  facts: ProposalRequest,
): Promise<TableProposal> {
  const table = await loadProposed(services, identifier, proposalId, facts)
  const proposal = await findOf(services, table, proposalId)
  await closeKeptProposal(services.database, toEntry(table), proposal, decision, facts)
  return findOf(services, table, proposalId)
}

function loadProposed(
  services: ProposalServices,
  identifier: TableIdentifier,
  proposalId: string,
  facts: Pick<ProposalRequest, 'actor' | 'signal'>,
): Promise<LoadedTable> {
  const of = { table: identifier, proposalId, actor: facts.actor }
  return loadProposedEntry(services.database, of, () => loadTable(services, identifier, facts))
}

async function loadTable(
  { catalogs }: ProposalServices,
  identifier: TableIdentifier,
  { actor, signal }: Pick<ProposalRequest, 'actor' | 'signal'>,
) {
  const catalog = await catalogs.open(identifier.catalog, actor)
  return catalog.loadTable(identifier, { signal })
}

function toEntry({ identifier, metadata }: LoadedTable) {
  return { table: identifier, tableUuid: metadata.tableUuid }
}
