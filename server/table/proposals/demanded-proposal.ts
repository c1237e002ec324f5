import 'server-only'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/iceberg/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { AuditState } from '@/server/db/audit'
import { findChangePolicy } from '@/server/db/catalog/change-policies'
import type { Proposal } from '@/server/db/catalog/proposals'
import type { Database } from '@/server/db/database'

/**
 * Four eyes: in a namespace whose policy demands it, one user proposes a change and another one commits it.
 *
 * @param proposal the one that is committed; absent: a commit without one
 * @throws {AppError} forbidden when there is none, or when the actor made it
 */
export async function requireProposalIfDemanded(
  database: Database,
  identifier: TableIdentifier,
  proposal: Proposal | undefined,
  actor: Actor,
): Promise<void> {
  const policy = await findChangePolicy(database, identifier)
  if (policy === null) return
  const facts = { policy: namespaceLabel(policy.namespace) }
  if (proposal === undefined) {
    throw new AppError(
      'forbidden',
      `Changes of tables in ${namespaceLabel(policy.namespace)} need two people. Nothing was changed. Propose the changes, so that another user can commit them.`,
      { facts },
    )
  }
  if (proposal.proposedBy.userId === actor.userId) {
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

/** The table was dropped, and another one has its name. */
export function otherTableError(): AppError {
  return new AppError('not-found', 'The proposal is for another table of this name. Nothing was changed.')
}

export function proposalInAudit({ proposalId, title, proposedBy }: Proposal): NonNullable<AuditState['proposal']> {
  return { proposalId, title, proposedBy: proposedBy.username }
}
