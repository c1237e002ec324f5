import 'server-only'
import { AppError } from '@/lib/errors'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { requirePermission } from '@/server/auth/actor'
import { findProposal } from '@/server/db/catalog/proposals'
import type { BulkTable, BulkTableResult, StoredBulkChange } from '@/server/db/jobs/bulk-changes'
import type { ChangeRequest } from '../pipeline/change-request'
import type { ProposalServices } from '../proposals/proposable'
import { closeProposal, commitProposal, propose } from '../proposals/proposals'
import type { BulkAction, BulkActionProposals } from './bulk-action'
import { requireMayCarryOut } from './bulk-permissions'

/**
 * The proposals of a change of many tables: one for each table that its user may not change alone. Lists have all of them
 * as one.
 */

type Step = {
  change: StoredBulkChange
  action: BulkAction
  on: TableIdentifier
  table: BulkTable
  request: ChangeRequest
}

export async function proposeForTable(
  services: ProposalServices,
  { change, on, table, action, request }: Step,
  text: { title: string; note: string },
): Promise<BulkTableResult> {
  requirePermission(request.actor, 'table:propose', on)
  const proposed = { action: requireProposals(action).toProposed(table), ...text }
  const { proposalId } = await propose(
    services,
    { kind: 'table', identifier: on },
    proposed,
    request,
    change.bulkChangeId,
  )
  return { state: 'proposed', proposalId }
}

/** Commits the proposal of a table as another user, or records what users decided on it alone. */
export async function commitTableProposal(
  services: ProposalServices,
  { change, on, table, action, request }: Step,
): Promise<BulkTableResult> {
  const proposal = table.proposalId === null ? null : await findProposal(services.database, table.proposalId)
  if (proposal === null) return { state: 'failed', problem: 'Its proposal was removed.' }
  const { proposalId, state, comment } = proposal
  if (state === 'committed') return { state: 'changed', auditId: proposal.auditId }
  if (state !== 'open')
    return { state: 'failed', problem: `Its proposal was ${state}${comment === null ? '.' : `: ${comment}`}` }
  requireMayCarryOut(request.actor, change, on)
  const reviewed = await requireProposals(action).review(on, table, request)
  const { auditId } = await commitProposal(services, { kind: 'table', identifier: on }, proposalId, {
    ...request,
    // This user confirmed the number of tables and the catalog, if the change drops tables.
    confirmedName: entryLabel(on),
    reviewed,
  })
  return { state: 'changed', auditId }
}

export async function withdrawTableProposal(
  services: ProposalServices,
  { on, request }: Pick<Step, 'on' | 'request'>,
  proposalId: string,
): Promise<BulkTableResult> {
  requirePermission(request.actor, 'table:propose', on)
  const withdrawn = { state: 'withdrawn', comment: null } as const
  await closeProposal(services, { kind: 'table', identifier: on }, proposalId, withdrawn, request)
  return { state: 'undone' }
}

function requireProposals({ proposals }: BulkAction): BulkActionProposals {
  if (proposals === null) throw new AppError('not-supported', 'Changes of this kind are not proposed.')
  return proposals
}
