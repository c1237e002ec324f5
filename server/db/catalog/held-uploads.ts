import 'server-only'
import type { Change } from '../database'
import { isBelow, ROW_COUNT } from '../insert-if'
import { change } from '../statement'
import { PROPOSAL_LIFE_MS } from './proposals'

/** Uploads that a proposal loads. They live longer than others, because another user decides on it. */

/** The uploads of a proposal, which are those of its proposer. */
export type HeldUploads = { proposalId: string; userId: string; uploadIds: readonly string[] }

/**
 * Has uploads live until the proposal expires, and after that for as long as others. Fails the transaction
 * unless all of them are complete uploads of this user, and neither another open proposal nor a run that waits needs
 * them.
 *
 * @param lifeMs how long an upload lives otherwise
 */
export function holdUploadsChange({ proposalId, userId, uploadIds }: HeldUploads, lifeMs: number): Change {
  return change(
    ({ db, nowMs }) =>
      db
        .updateTable('uploads')
        .set((eb) => ({
          proposal_id: proposalId,
          expires_at_ms: eb(nowMs, '+', eb.val(PROPOSAL_LIFE_MS + lifeMs)),
        }))
        .where('id', 'in', uploadIds)
        .where('user_id', '=', userId)
        .whereRef('received_bytes', '=', 'size_bytes')
        .where('run_id', 'is', null)
        .where('expires_at_ms', '>', nowMs)
        // A count is looked up for each upload: for NOT EXISTS, PostgreSQL would walk the index of all proposals.
        .where((eb) =>
          isBelow(
            eb
              .selectFrom('proposals')
              .select(ROW_COUNT)
              .whereRef('proposals.id', '=', 'uploads.proposal_id')
              .where('proposals.state', '=', 'open')
              .where('proposals.expires_at_ms', '>', nowMs),
            1,
          ),
        ),
    { expectedRows: uploadIds.length, guards: ['proposals'] },
  )
}

/** Gives the uploads of a proposal that was closed without a commit the usual life, from now on. */
export function releaseUploadsChange({ proposalId, userId, uploadIds }: HeldUploads, lifeMs: number): Change {
  return change(({ db, nowMs }) =>
    db
      .updateTable('uploads')
      .set((eb) => ({ proposal_id: null, expires_at_ms: eb(nowMs, '+', eb.val(lifeMs)) }))
      .where('id', 'in', uploadIds)
      .where('user_id', '=', userId)
      .where('proposal_id', '=', proposalId)
      .where('expires_at_ms', '>', nowMs),
  )
}
