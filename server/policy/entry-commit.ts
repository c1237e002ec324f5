import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient, WritePlan } from '@/server/catalog/catalog-client'
import type { AuditState } from '@/server/db/audit'
import { requireNoPolicyChange } from '@/server/db/catalog/change-policies'
import { claimProposalChange, commitProposalChange, type Proposal } from '@/server/db/catalog/proposals'
import { type Change, type Database, UnexpectedChanges } from '@/server/db/database'
import { proposalClosedError, proposalInAudit, requireProposalIfDemanded } from './demanded-proposal'

/**
 * A policy that demands two people holds the names and drops of tables and views, too. Otherwise one user moves a table
 * out of the namespace, changes it there and moves it back, or drops it with its files.
 */

type EntryCommit = {
  database: Database
  catalog: Pick<CatalogClient, 'kind'>
  /** The table, or the view as the table of its name. */
  entry: TableIdentifier
  actor: Actor
  /** What is carried out; absent: a user acts alone. */
  proposal: Proposal | undefined
  /** Of the audit entry. */
  auditId: string
}

/** What belongs to the write: a claim for its plan, and rows that are written together with it. */
export type EntryWrite = Pick<WritePlan, 'claim'> & { rows: readonly Change[] }

/**
 * Renames, changes or drops a table or view, and closes the proposal of it. Without a proposal of another user it is
 * refused where a policy demands two people. In the embedded catalog the transaction of the write fails when the policy
 * was set in between, and when the proposal is of an earlier table of this name.
 *
 * @throws {AppError} forbidden; version-conflict when the proposal is no longer open
 */
export async function commitEntry<T>(
  { database, catalog, entry, actor, proposal, auditId }: EntryCommit,
  write: (write: EntryWrite) => Promise<T>,
): Promise<T> {
  const isEmbedded = catalog.kind === 'embedded'
  const isByOneUser = proposal === undefined || proposal.proposedBy.userId === actor.userId
  await requireProposalIfDemanded(database, entry, proposal, actor)
  try {
    return await write({
      ...(proposal && { claim: claimProposalChange(proposal.proposalId, auditId) }),
      rows: [
        ...(proposal
          ? [
              commitProposalChange(proposal.proposalId, {
                by: actor.username,
                auditId,
                ...(isEmbedded && { of: entry }),
              }),
            ]
          : []),
        ...(isEmbedded && isByOneUser ? [requireNoPolicyChange(entry)] : []),
      ],
    })
  } catch (error) {
    if (error instanceof UnexpectedChanges) {
      await requireProposalIfDemanded(database, entry, proposal, actor)
      if (proposal) throw proposalClosedError()
    }
    throw error
  }
}

/** What the audit entry says about the proposal that it carries out. */
export function proposalAfter(proposal: Proposal | undefined): Pick<AuditState, 'proposal'> | null {
  return proposal ? { proposal: proposalInAudit(proposal) } : null
}
