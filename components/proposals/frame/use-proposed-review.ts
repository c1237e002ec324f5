import type { QueryKey, UseQueryOptions } from '@tanstack/react-query'
import { useReview } from '@/components/changes/action/use-review'
import type { NameChange, ProposedEntry } from '@/lib/client/table/proposals'
import type { EntryProposal } from '@/lib/contract/proposals'
import { sentDecision, useProposalDecision } from './use-proposal-decision'

/**
 * The decision about a proposal, and the review of its action on the entry as it is. The review is read while the
 * proposal is open and this page does not decide it.
 *
 * @returns `frame` for `ProposalFrame`; `data` is absent unless the review is shown
 */
export function useProposedReview<Data, Key extends QueryKey>(
  entry: ProposedEntry,
  proposal: EntryProposal,
  options: UseQueryOptions<Data, Error, Data, Key>,
  nameChange?: NameChange,
) {
  const decision = useProposalDecision(entry, proposal, nameChange)
  const isOpen = proposal.state === 'open'
  const { query, data } = useReview(options, sentDecision(decision), isOpen)
  return { frame: { proposal, decision, query }, data: isOpen ? data : undefined }
}
