'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { useProposalDecision } from '../frame/use-proposal-decision'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { viewDropReviewQuery } from '@/lib/client/lifecycle/views'
import type { ViewProposal } from '@/lib/contract/proposals'
import { namespaceLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { ViewDropDetails } from '@/components/views/view-drop-details'
import { ActionSummary } from './action-summary'
import { ProposalFrame } from '../frame/proposal-frame'

/** A proposed drop, with the versions that the view has now. Its commit leads to the namespace. */
export function ProposedViewDrop({ entry: view, proposal }: { entry: ViewIdentifier; proposal: ViewProposal }) {
  const navigateAway = useNavigateAway()
  const decision = useProposalDecision(view, proposal, {
    movesTo: null,
    onCommitted: () => navigateAway(paths.namespace(view.catalog, view.namespace)),
  })
  const isOpen = proposal.state === 'open'
  const review = useQuery({ ...viewDropReviewQuery(view), enabled: isOpen && !decision.isOwn })
  const data = isOpen && !review.error ? review.data : undefined
  const metadataLocation = data?.metadataLocation ?? null
  return (
    <ProposalFrame
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
      <ActionSummary action={proposal.action} />
      {isOpen && (
        <Unloaded
          query={review}
          subject={`${namespaceLabel(view.namespace)}.${view.view}`}
          skeleton={[4, 2, 'Reading what the view has']}
        />
      )}
      {data && data.dropProblem !== null && <WarningNote>{data.dropProblem}</WarningNote>}
      {data && <ViewDropDetails review={data} />}
    </ProposalFrame>
  )
}
