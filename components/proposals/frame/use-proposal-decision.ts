'use client'
import type { SentAction } from '@/components/changes/action/use-review'
import { useIdempotencyKey } from '@/components/changes/commit/use-idempotency-key'
import { isOutcomeKnown } from '@/lib/errors'
import {
  type CommitOptions,
  type NameChange,
  type ProposedEntry,
  useCloseProposal,
  useCommitProposal,
} from '@/lib/client/table/proposals'
import type { EntryProposal } from '@/lib/contract/proposals'

export type Decision = {
  /** @param options what the page shows */
  commit: (options: Omit<CommitOptions, 'idempotencyKey'>) => void
  isCommitting: boolean
  sendBack: (comment: string) => void
  withdraw: () => void
  isClosing: boolean
  /** Whether this page made the decision, or is about to. */
  isOwn: boolean
  /** Whether a commit was sent from this page and its outcome is not known. */
  mayHaveCommitted: boolean
  /** Why the last one failed. */
  error: Error | null
}

/** The decisions about a proposal. A commit that is sent again after a lost answer is carried out once. */
export function useProposalDecision(
  entry: ProposedEntry,
  { proposalId, action }: EntryProposal,
  nameChange?: NameChange,
): Decision {
  const commit = useCommitProposal(entry, proposalId, nameChange)
  const close = useCloseProposal(entry, proposalId)
  // Another action has another key.
  const [idempotencyKey, renewKey] = useIdempotencyKey([action])
  return {
    commit: (options) => {
      close.reset()
      commit.mutate(
        { ...options, idempotencyKey },
        // A refused request can be sent again; one with an unknown outcome keeps its key.
        { onError: (error) => isOutcomeKnown(error) && renewKey() },
      )
    },
    isCommitting: commit.isPending,
    sendBack: (comment) => {
      commit.reset()
      close.mutate(comment)
    },
    withdraw: () => {
      commit.reset()
      close.mutate(null)
    },
    isClosing: close.isPending,
    isOwn: commit.isPending || commit.isSuccess || close.isPending || close.isSuccess,
    mayHaveCommitted: commit.error !== null && !isOutcomeKnown(commit.error),
    error: commit.error ?? close.error,
  }
}

/** The decision as the request that carries out the action: a failed one leaves the review to be read again. */
export function sentDecision({ isOwn }: Decision): SentAction {
  return { isPending: isOwn, isSuccess: false, error: null }
}
