import 'server-only'
import type { BulkStep } from '@/lib/contract/bulk-changes'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, requirePermission } from '@/server/auth/actor'
import { readAudit } from '@/server/db/audit-list'
import { findChangePolicy } from '@/server/db/catalog/change-policies'
import { findProposal } from '@/server/db/catalog/proposals'
import type { BulkTable, BulkTableResult, StoredBulkChange } from '@/server/db/jobs/bulk-changes'
import type { BulkRunSpec } from '@/server/jobs/bulk-run-spec'
import type { ChangeRequest } from '../pipeline/change-request'
import { findWriteOutcome } from '../pipeline/write-key'
import type { ProposalServices } from '../proposals/proposable'
import type { BulkAction } from './bulk-action'
import { mayCarryOut, requireMayCarryOut } from './bulk-permissions'
import { commitTableProposal, proposeForTable, withdrawTableProposal } from './bulk-proposals'

export type TableStep = {
  spec: BulkRunSpec
  change: StoredBulkChange
  action: BulkAction
  on: TableIdentifier
  table: BulkTable
  actor: Actor
  /** Ends a preview; a write that was begun comes to its end. */
  signal: AbortSignal
}

/** Carries out the step of a run for one table. @throws {AppError} what keeps it from that */
export function carryOutStep(services: ProposalServices, step: TableStep): Promise<BulkTableResult> {
  return STEPS[step.spec.step](services, step)
}

const STEPS: Record<BulkStep, (services: ProposalServices, step: TableStep) => Promise<BulkTableResult>> = {
  async preview(services, step) {
    const { database } = services
    const { change, action, on, actor, signal } = step
    // A worker may have been lost between a commit and its record, and the run stopped.
    const earlier = await findEarlier(services, requestOf(step))
    if (earlier !== null) return { state: 'changed', auditId: earlier }
    if (action.proposals === null) requireMayCarryOut(actor, change, on)
    else requirePermission(actor, 'table:propose', on)
    const result = await action.preview(on, { actor, signal })
    if (result.state !== 'ready' || action.proposals === null) return result
    const isProposed = !mayCarryOut(actor, change, on) || (await findChangePolicy(database, on)) !== null
    return { ...result, state: isProposed ? 'ready-to-propose' : 'ready' }
  },

  async write(services, step) {
    const { spec, change, action, on, table, actor } = step
    if (table.state === 'ready-to-propose') {
      // Proposals that were sent back are proposed again after another preview, whose time distinguishes the request.
      const request = requestOf(step, `.propose.${table.atMs}`)
      if (!spec.proposal)
        throw new AppError('invalid-request', 'It needs a proposal, and the run has no title for one.')
      return proposeForTable(services, { change, on, table, action, request }, spec.proposal)
    }
    const request = requestOf(step)
    const earlier = await findEarlier(services, request)
    if (earlier !== null) return { state: 'changed', auditId: earlier }
    requireMayCarryOut(actor, change, on)
    return { state: 'changed', auditId: await action.commit(on, table, request) }
  },

  'commit-proposals': (services, step) => {
    const { change, action, on, table } = step
    return commitTableProposal(services, { change, on, table, action, request: requestOf(step, '.commit') })
  },

  /** Undoes the commit of a table, if nothing that it changed was changed since, or withdraws its proposal. */
  async undo(services, step) {
    const { database } = services
    const { action, on, table } = step
    const request = requestOf(step, '.undo')
    const { proposalId } = table
    const proposal = proposalId === null ? null : await findProposal(database, proposalId)
    // Another user may have committed the proposal alone, and a worker may have been lost before it recorded its commit.
    const auditId = table.auditId ?? proposal?.auditId ?? (await findEarlier(services, requestOf(step)))
    if (auditId === null)
      return proposalId === null
        ? { state: 'not-undone', problem: 'It was not changed.' }
        : withdrawTableProposal(services, { on, request }, proposalId)
    if ((await findEarlier(services, request)) !== null) return { state: 'undone' }
    const entry = await readAudit(database, auditId)
    if (entry === null) return { state: 'not-undone', problem: 'The entry of its change is no longer in the audit.' }
    if (entry.undoneBy) return { state: 'undone', problem: 'It was already undone in its history.' }
    await action.undo(on, entry, request)
    return { state: 'undone' }
  },
}

/** The key of the commit of a table. */
export function tableRequestKey(bulkChangeId: string, position: number): string {
  return `${bulkChangeId}.${position}`
}

/** A request of its own, which is not aborted, because its outcome would not be known otherwise. */
function requestOf({ spec, table, actor }: TableStep, suffix = ''): ChangeRequest {
  const idempotencyKey = `${tableRequestKey(spec.bulkChangeId, table.position)}${suffix}`
  return { actor, idempotencyKey, requestId: null, signal: new AbortController().signal }
}

/**
 * The entry of the same request of an attempt that was interrupted, or null.
 *
 * @throws {AppError} commit-state-unknown while its catalog has not said what became of it
 */
async function findEarlier(
  { database }: Pick<ProposalServices, 'database'>,
  { actor, idempotencyKey }: ChangeRequest,
): Promise<string | null> {
  const { outcome, auditId } = await findWriteOutcome(database, actor, idempotencyKey ?? '')
  if (outcome !== 'pending') return auditId
  throw new AppError('commit-state-unknown', 'The catalog has not said yet whether it made this commit.')
}
