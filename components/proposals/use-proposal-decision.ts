'use client'
import { useIdempotencyKey } from '@/components/changes/use-idempotency-key'
import { isOutcomeKnown } from '@/lib/client/call/idempotency-key'
import { useCloseProposal, useCommitProposal } from '@/lib/client/proposals'
import type { Proposal } from '@/lib/contract/proposals'
import type { ReviewedAction } from '@/lib/contract/shapes/proposed-action'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'

export type Decision = {
  /** @param options what the page shows: of an action `reviewed`, of changes the digest of the request */
  commit: (options: {
    confirmedName?: string
    reviewed?: ReviewedAction | undefined
    requestDigest?: string | undefined
  }) => void
  isCommitting: boolean
  sendBack: (word: string) => void
  withdraw: () => void
  isClosing: boolean
  /** Whether this page made the decision, or is about to. */
  isOwn: boolean
  /** Whether a commit was sent from this page and its outcome is not known. */
  mayHaveCommitted: boolean
  /** Why the last one failed. */
  error: Error | null
}

/** What a commit does to the name of the table. */
type NameChange = {
  /** The new name; null: the table is gone. */
  movesTo: TableIdentifier | null
  onCommitted: () => void
}

/** The decisions about a proposal. A commit that is sent again after a lost answer is carried out once. */
export function useProposalDecision(
  table: TableIdentifier,
  { proposalId, intents }: Proposal,
  nameChange?: NameChange,
): Decision {
  const commit = useCommitProposal(table, proposalId, nameChange)
  const close = useCloseProposal(table, proposalId)
  const [idempotencyKey, renewKey] = useIdempotencyKey(intents)
  return {
    commit: (options) => {
      close.reset()
      commit.mutate(
        { ...options, idempotencyKey },
        // What was refused for sure can be sent again; an unknown outcome keeps its key.
        { onError: (error) => isOutcomeKnown(error) && renewKey() },
      )
    },
    isCommitting: commit.isPending,
    sendBack: (word) => {
      commit.reset()
      close.mutate(word)
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
