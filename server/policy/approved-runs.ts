import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { requireNoPolicyChange } from '@/server/db/catalog/change-policies'
import { findProposal, type Proposal } from '@/server/db/catalog/proposals'
import type { Change, Database } from '@/server/db/database'
import type { Run } from '@/server/db/jobs/runs'
import { requireProposalIfDemanded, requireSameUuid } from './demanded-proposal'

type ApprovableRun = Pick<Run, 'actor'> & {
  table: TableIdentifier
  /** The proposal that the run carries out; null: its user acts alone. */
  proposalId: string | null
}

/**
 * A run may wait for long, and be retried by another user: the policy is checked again when it starts.
 *
 * @param advice as in {@link requireProposalIfDemanded}
 * @throws {AppError} forbidden where a policy demands two people, and the proposal is not of another user, or not
 *   committed
 */
export async function requireApprovedRun(database: Database, run: ApprovableRun, advice?: string): Promise<void> {
  await requireProposalIfDemanded(database, run.table, await findApproval(database, run), run.actor.userId, advice)
}

/**
 * Another table may have got the name while the run waited.
 *
 * @param tableUuid of the table that has the name now
 * @throws {AppError} not-found when the proposal is for another table
 */
export async function requireApprovedTable(database: Database, run: ApprovableRun, tableUuid: string): Promise<void> {
  requireSameUuid(await findApproval(database, run), tableUuid)
}

/** The approval of a run, for its commit. */
export type RunApproval = {
  /** They fail the transaction when a policy was set meanwhile that demands more than the run has. */
  guards: readonly Change[]
  /** The audit entry of the commit names it with its proposer. */
  proposal: Proposal | undefined
}

export async function readRunApproval(database: Database, run: ApprovableRun): Promise<RunApproval> {
  const proposal = await findApproval(database, run)
  const isByTwo = proposal !== undefined && proposal.proposedBy.userId !== run.actor.userId
  return { guards: isByTwo ? [] : [requireNoPolicyChange(run.table)], proposal }
}

async function findApproval(database: Database, { proposalId }: ApprovableRun) {
  const proposal = proposalId === null ? null : await findProposal(database, proposalId)
  return proposal?.state === 'committed' ? proposal : undefined
}
