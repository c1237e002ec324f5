import 'server-only'
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import type { Change } from '../database'
import { change } from '../statement'
import type { Tables } from '../tables'
import { hasName, type ProposedOn } from './proposals'

/** Changes that decide on an open proposal, or that depend on it being open. */

/**
 * Reserves a proposal for a commit that is about to be sent to another server. Fails the transaction when the proposal
 * is no longer open, or while the outcome of another commit of it is pending.
 *
 * @param auditId of the commit, which is the id of its pending write
 */
export function claimProposalChange(proposalId: string, auditId: string): Change {
  return change(
    ({ db, nowMs }) =>
      db
        .updateTable('proposals')
        .set({ audit_id: auditId })
        .where('id', '=', proposalId)
        .where('state', '=', 'open')
        .where('expires_at_ms', '>', nowMs)
        .where((eb) => eb.or([eb('audit_id', '=', auditId), hasNoPendingCommit(eb)])),
    { expectedRows: 1, guards: ['proposals'] },
  )
}

/**
 * Records the commit, in its transaction. Fails it if the proposal is no longer open.
 *
 * @param decision.of fails it, too, when the entry no longer has this name
 */
export function commitProposalChange(
  proposalId: string,
  { by, auditId, of }: { by: string; auditId: string; of?: ProposedOn },
): Change {
  return change(
    ({ db, nowMs }) => {
      const committed = db
        .updateTable('proposals')
        .set({ state: 'committed', decided_by: by, decided_at_ms: nowMs, comment: null, audit_id: auditId })
        .where('id', '=', proposalId)
        .where('state', '=', 'open')
        .where('expires_at_ms', '>', nowMs)
      if (of === undefined) return committed
      // A query of its own: with these conditions PostgreSQL would walk the index of open proposals instead of the key.
      const named = db.selectFrom('proposals').select('id').where('id', '=', proposalId).where(hasName(of))
      return committed.where('id', 'in', named)
    },
    { expectedRows: 1 },
  )
}

/** Fails the transaction when the proposal is no longer open. */
export function requireOpenProposalChange(proposalId: string): Change {
  return change(
    ({ db, nowMs }) =>
      db
        .updateTable('proposals')
        .set({ state: 'open' })
        .where('id', '=', proposalId)
        .where('state', '=', 'open')
        .where('expires_at_ms', '>', nowMs),
    { expectedRows: 1, guards: ['proposals'] },
  )
}

/**
 * Closes a proposal without a commit. Fails the transaction when it is no longer open, or while the outcome of a commit
 * of it is pending.
 */
export function closeProposalChange(
  proposalId: string,
  decision: { state: 'returned' | 'withdrawn'; by: string; comment: string | null },
): Change {
  const { state, by, comment } = decision
  return change(
    ({ db, nowMs }) =>
      db
        .updateTable('proposals')
        .set({ state, decided_by: by, decided_at_ms: nowMs, comment, audit_id: null })
        .where('id', '=', proposalId)
        .where('state', '=', 'open')
        .where('expires_at_ms', '>', nowMs)
        .where(hasNoPendingCommit),
    { expectedRows: 1, guards: ['proposals'] },
  )
}

/** Records a commit that was found later. */
export function foundProposalChange(
  proposalId: string,
  { id, entry }: { id: string; entry: { actor: { username: string } } },
): Change {
  return change(({ db, nowMs }) =>
    db
      .updateTable('proposals')
      .set({ state: 'committed', decided_by: entry.actor.username, decided_at_ms: nowMs, audit_id: id })
      .where('id', '=', proposalId)
      .where('state', '=', 'open'),
  )
}

/** Whether no commit of it has been sent whose outcome is still unknown. */
function hasNoPendingCommit(eb: ExpressionBuilder<Tables, 'proposals'>): Expression<SqlBool> {
  const pendingCommit = eb
    .selectFrom('pending_writes')
    .select('pending_writes.id')
    .whereRef('pending_writes.id', '=', 'proposals.audit_id')
  return eb.or([eb('audit_id', 'is', null), eb.not(eb.exists(pendingCommit))])
}
