import 'server-only'
import { AppError } from '@/lib/errors'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import type { AuditState } from '@/server/db/audit'
import { findChangePolicy } from '@/server/db/catalog/change-policies'
import type { Proposal } from '@/server/db/catalog/proposals'
import type { Database } from '@/server/db/database'

/**
 * Four eyes: in a namespace whose policy demands it, one user proposes a change and another one commits it.
 *
 * @param proposal the committed one; absent: a commit without one
 * @param advice how to propose it, in a sentence
 * @throws {AppError} forbidden without a proposal, or if this user made it
 */
export async function requireProposalIfDemanded(
  database: Database,
  on: { catalog: string; namespace: Namespace },
  proposal: Proposal | undefined,
  userId: string,
  advice = 'Propose the changes, so that another user can commit them.',
): Promise<void> {
  const policy = await findChangePolicy(database, on)
  if (policy === null) return
  const facts = { policy: namespaceLabel(policy.namespace) }
  if (proposal === undefined) {
    throw new AppError(
      'forbidden',
      `Changes of tables and views in ${namespaceLabel(policy.namespace)} need two people. Nothing was changed. ${advice}`,
      { facts },
    )
  }
  if (proposal.proposedBy.userId === userId) {
    throw new AppError('forbidden', 'Another user has to commit the changes that you proposed. Nothing was changed.', {
      facts,
    })
  }
}

export function proposalClosedError(): AppError {
  return new AppError(
    'version-conflict',
    'The proposal is no longer open, or the outcome of its commit is not known yet. Nothing was changed.',
  )
}

/**
 * @param uuid of the table or view that has the name now; absent: its metadata cannot be read
 * @throws {AppError} not-found when the proposal is for another one, which was dropped
 */
export function requireSameUuid(proposal: Proposal | undefined, uuid: string | undefined): void {
  if (proposal && proposal.tableUuid !== uuid)
    throw new AppError(
      'not-found',
      `The proposal is for another ${proposal.entryKind} of this name. Nothing was changed.`,
    )
}

export function proposalInAudit({
  proposalId,
  title,
  proposedBy,
  entryKind,
}: Pick<Proposal, 'proposalId' | 'title' | 'proposedBy' | 'entryKind'>): NonNullable<AuditState['proposal']> {
  return { proposalId, title, proposedBy: proposedBy.username, ...(entryKind !== 'table' && { entryKind }) }
}
