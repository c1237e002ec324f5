'use client'
import { useQuery } from '@tanstack/react-query'
import { DroppedContents, dropLabel } from '@/components/explore/namespaces/actions/dropped-contents'
import { Unloaded } from '@/components/shell/unloaded'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { namespaceDropReviewQuery } from '@/lib/client/lifecycle/namespaces'
import type { NamespaceProposal } from '@/lib/contract/proposals'
import { entryLabel, type NamespaceIdentifier } from '@/lib/names/identifiers'
import { parentPath } from '@/lib/paths/parent-path'
import { ProposalFrame } from '../frame/proposal-frame'
import { useProposalDecision } from '../frame/use-proposal-decision'
import { ActionSummary } from './action-summary'

type ProposedNamespaceDropProps = { entry: NamespaceIdentifier; proposal: NamespaceProposal }

/** A proposed drop: what is in the namespace now, which is all that a commit drops. It leads to the namespace around. */
export function ProposedNamespaceDrop({ entry, proposal }: ProposedNamespaceDropProps) {
  const navigateAway = useNavigateAway()
  const decision = useProposalDecision(entry, proposal, {
    movesTo: null,
    onCommitted: () => navigateAway(parentPath(entry)),
  })
  const isOpen = proposal.state === 'open'
  const review = useQuery({
    ...namespaceDropReviewQuery(entry.catalog, entry.namespace),
    // The contents of the namespace disappear while it is dropped.
    enabled: isOpen && !decision.isOwn,
  })
  const data = isOpen && !review.error ? review.data : undefined
  return (
    <ProposalFrame
      proposal={proposal}
      decision={decision}
      review={
        data
          ? {
              fits: data.problems.length === 0,
              needsConfirmation: true,
              action: dropLabel(data),
              commitProblem:
                proposal.isOwn && data.policyBlockers.length > 0
                  ? 'Changes of what is in it need two people: another user has to commit your proposal.'
                  : null,
              reviewed: { kind: 'drop-namespace', contents: data.contents },
            }
          : null
      }
    >
      <ActionSummary action={proposal.action} />
      {isOpen && (
        <Unloaded
          query={review}
          subject={`Namespace ${entryLabel(entry)}`}
          skeleton={[3, 2, 'Reading what is in the namespace']}
        />
      )}
      {data?.problems.map((problem) => (
        <WarningNote key={problem}>{problem}</WarningNote>
      ))}
      {data && <DroppedContents review={data} />}
    </ProposalFrame>
  )
}
