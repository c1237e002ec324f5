import 'server-only'
import type { ProposedViewAction } from '@/lib/contract/lifecycle/view-proposals'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import type { LoadedView } from '@/server/catalog/catalog-client'
import { type ListedProposal, listProposals, type ViewProposal } from '@/server/db/catalog/proposals'
import type { Services } from '@/server/services'
import { commitKey } from '@/server/table/commit/repeated-commit'
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
import { commitViewAction, requireViewActionFits, type ReviewedView } from './view-actions'

type ViewServices = Pick<Services, 'catalogs' | 'database' | 'keys'>
type Proposed = { action: ProposedViewAction; title: string; note: string }

/**
 * Keeps a change of a view for another user to commit. It has to fit the view as it is now. A repeated request with the
 * same key returns the proposal that the first one made.
 *
 * @throws {AppError} invalid-request, too-large, forbidden, not-supported, version-conflict
 */
export async function proposeViewChange(
  services: ViewServices,
  identifier: ViewIdentifier,
  proposed: Proposed,
  { actor, signal, requestId, idempotencyKey }: ProposalRequest & { idempotencyKey?: string | undefined },
): Promise<ViewProposal> {
  const { database } = services
  const { action, title, note } = proposed
  const content = ['propose-view', action, title, note]
  const key = commitKey(asTableIdentifier(identifier), { actor, idempotencyKey }, content)
  const earlierId = await findEarlierProposal(database, key)
  if (earlierId !== null) return readKeptProposal(database, 'view', earlierId)
  requireProposableSize(action)
  const view = await loadView(services, identifier, { actor, signal })
  await requireViewActionFits(services, view, action, { actor, signal })
  const toKeep = { ...proposed, ...toEntry(view), entryKind: 'view' as const }
  const proposalId = await keepProposal(database, toKeep, key, { actor, requestId })
  return readKeptProposal(database, 'view', proposalId)
}

/** The newest proposals of a view. */
export async function readViewProposals(
  services: ViewServices,
  identifier: ViewIdentifier,
  facts: Pick<ProposalRequest, 'actor' | 'signal'>,
): Promise<ListedProposal[]> {
  const { tableUuid } = toEntry(await loadView(services, identifier, facts))
  return listProposals(services.database, { catalog: identifier.catalog, tableUuid, limit: MAX_LISTED_PROPOSALS })
}

/** @throws {AppError} not-found when this view has no such proposal */
export async function readViewProposal(
  services: ViewServices,
  identifier: ViewIdentifier,
  proposalId: string,
  facts: Pick<ProposalRequest, 'actor' | 'signal'>,
): Promise<ViewProposal> {
  return findOf(services, await loadProposed(services, identifier, proposalId, facts), proposalId)
}

/**
 * Carries out what was proposed.
 *
 * @param reviewed what the user saw who carries it out
 * @throws {AppError} version-conflict when the view changed since the proposal, or the proposal is no longer open
 */
export async function commitViewProposal(
  services: ViewServices,
  identifier: ViewIdentifier,
  proposalId: string,
  reviewed: ReviewedView & { idempotencyKey: string },
  facts: ProposalRequest,
): Promise<{ auditId: string }> {
  const proposal = await findOf(services, await loadView(services, identifier, facts), proposalId)
  return commitOpenProposal(services.database, proposal, reviewed.idempotencyKey, () =>
    commitViewAction(services, identifier, proposal, reviewed, facts),
  )
}

/** Sends a proposal back to its proposer with a word, or takes it back. */
export async function closeViewProposal(
  services: ViewServices,
  identifier: ViewIdentifier,
  proposalId: string,
  decision: { state: 'returned' | 'withdrawn'; word: string | null },
  facts: ProposalRequest,
): Promise<ViewProposal> {
  const view = await loadProposed(services, identifier, proposalId, facts)
  const proposal = await findOf(services, view, proposalId)
  await closeKeptProposal(services.database, toEntry(view), proposal, decision, facts)
  return findOf(services, view, proposalId)
}

function findOf({ database }: ViewServices, view: LoadedView, proposalId: string): Promise<ViewProposal> {
  return findProposalOf(database, 'view', toEntry(view), proposalId)
}

function loadProposed(
  services: ViewServices,
  identifier: ViewIdentifier,
  proposalId: string,
  facts: Pick<ProposalRequest, 'actor' | 'signal'>,
): Promise<LoadedView> {
  const of = { table: asTableIdentifier(identifier), proposalId, actor: facts.actor }
  return loadProposedEntry(services.database, of, () => loadView(services, identifier, facts))
}

async function loadView(
  { catalogs }: ViewServices,
  identifier: ViewIdentifier,
  { actor, signal }: Pick<ProposalRequest, 'actor' | 'signal'>,
): Promise<LoadedView> {
  const catalog = await catalogs.open(identifier.catalog, actor)
  return catalog.loadView(identifier, { signal })
}

function toEntry({ identifier, metadata }: LoadedView) {
  return { table: asTableIdentifier(identifier), tableUuid: metadata.viewUuid }
}
