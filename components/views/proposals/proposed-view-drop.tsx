'use client'
import { useQuery } from '@tanstack/react-query'
import { useViewProposalDecision } from '@/components/proposals/use-proposal-decision'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { useLeadAway } from '@/components/ui/use-lead-away'
import { retryFetch } from '@/lib/client/call/retry'
import { viewDropReviewQuery } from '@/lib/client/lifecycle/views'
import type { ViewProposal } from '@/lib/contract/lifecycle/view-proposals'
import { namespaceLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { ViewDropDetails } from '../view-drop-details'
import { ViewProposalFrame } from './view-proposal-frame'

/** A proposed drop: what goes with the view as it is now. Its commit leads to the namespace. */
export function ProposedViewDrop({ view, proposal }: { view: ViewIdentifier; proposal: ViewProposal }) {
  const leadAway = useLeadAway()
  const decision = useViewProposalDecision(view, proposal, {
    movesTo: null,
    onCommitted: () => leadAway(paths.namespace(view.catalog, view.namespace)),
  })
  const isOpen = proposal.state === 'open'
  const review = useQuery({ ...viewDropReviewQuery(view), enabled: isOpen && !decision.isOwn })
  const data = isOpen && !review.error ? review.data : undefined
  const metadataLocation = data?.metadataLocation ?? null
  return (
    <ViewProposalFrame
      view={view}
      proposal={proposal}
      decision={decision}
      review={
        data === undefined || metadataLocation === null
          ? null
          : {
              fits: data.dropProblem === null,
              needsConfirmation: true,
              action: 'Drop',
              reviewed: { kind: 'drop', metadataLocation },
            }
      }
    >
      {isOpen && review.isPending && <SkeletonRows rows={4} columns={2} label="Reading what the view has" />}
      {isOpen && review.error && (
        <ProblemNote
          error={review.error}
          subject={`${namespaceLabel(view.namespace)}.${view.view}`}
          onRetry={() => retryFetch(review.refetch)}
        />
      )}
      {data && data.dropProblem !== null && <WarningNote>{data.dropProblem}</WarningNote>}
      {data && <ViewDropDetails review={data} />}
    </ViewProposalFrame>
  )
}
