'use client'
import { useIdempotencyKey } from '@/components/changes/use-idempotency-key'
import { isOutcomeKnown } from '@/lib/errors'
import {
  type CommitOptions,
  type NameChange,
  useCloseProposal,
  useCommitProposal,
  useCommitViewProposal,
} from '@/lib/client/table/proposals'
import type { ViewProposal } from '@/lib/contract/lifecycle/view-proposals'
import type { Proposal } from '@/lib/contract/table/proposals'
import type { TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'

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
  table: TableIdentifier,
  { proposalId, action }: Proposal,
  nameChange?: NameChange<TableIdentifier>,
): Decision {
  const commit = useCommitProposal(table, proposalId, nameChange)
  return useDecision(commit, useCloseProposal(table, proposalId), [action])
}

/** As {@link useProposalDecision}, of a view. */
export function useViewProposalDecision(
  view: ViewIdentifier,
  { proposalId, action }: ViewProposal,
  nameChange?: NameChange<ViewIdentifier>,
): Decision {
  const commit = useCommitViewProposal(view, proposalId, nameChange)
  return useDecision(commit, useCloseProposal(view, proposalId), [action])
}

/** @param content of the proposal: another one has another key */
function useDecision(
  commit: ReturnType<typeof useCommitProposal> | ReturnType<typeof useCommitViewProposal>,
  close: ReturnType<typeof useCloseProposal>,
  content: readonly unknown[],
): Decision {
  const [idempotencyKey, renewKey] = useIdempotencyKey(content)
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
