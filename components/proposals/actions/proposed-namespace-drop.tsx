'use client'
import { dropLabel, namespaceDropParts } from '@/components/explore/namespaces/actions/dropped-contents'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { namespaceDropReviewQuery } from '@/lib/client/lifecycle/namespaces'
import { parentPath } from '@/lib/paths/parent-path'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'

/** A proposed drop: what is in the namespace now, which is all that a commit drops. It leads to the namespace around. */
export function ProposedNamespaceDrop({ entry, proposal }: ProposedActionProps<'drop-namespace'>) {
  const navigateAway = useNavigateAway()
  // The contents of the namespace disappear while it is dropped.
  const { frame, data } = useProposedReview(entry, proposal, namespaceDropReviewQuery(entry.catalog, entry.namespace), {
    movesTo: null,
    onCommitted: () => navigateAway(parentPath(entry)),
  })
  return (
    <ProposalFrame
      {...frame}
      verdict={
        data && {
          fits: data.problems.length === 0,
          needsConfirmation: true,
          label: dropLabel(data),
          commitProblem:
            proposal.isOwn && data.policyBlockers.length > 0
              ? 'Changes of what is in it need two people: another user has to commit your proposal.'
              : null,
          reviewed: { kind: 'drop-namespace', contents: data.contents },
        }
      }
      {...namespaceDropParts(data)}
    />
  )
}
