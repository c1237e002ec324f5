'use client'
import { LostNameNote } from '@/components/changes/action/lost-name-note'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { ViewDropDetails, viewDropParts } from '@/components/views/view-drop-review'
import { viewDropReviewQuery } from '@/lib/client/lifecycle/views'
import { paths } from '@/lib/paths/paths'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'

/** A proposed drop, with the versions that the view has now. Its commit leads to the namespace. */
export function ProposedViewDrop({ entry: view, proposal }: ProposedActionProps<'drop-view'>) {
  const navigateAway = useNavigateAway()
  const { frame, data } = useProposedReview(view, proposal, viewDropReviewQuery(view), {
    movesTo: null,
    onCommitted: () => navigateAway(paths.namespace(view.catalog, view.namespace)),
  })
  const metadataLocation = data?.metadataLocation ?? null
  return (
    <ProposalFrame
      {...frame}
      verdict={
        metadataLocation === null
          ? undefined
          : {
              fits: data?.dropProblem === null,
              needsConfirmation: true,
              label: 'Drop',
              reviewed: { kind: 'drop', metadataLocation },
            }
      }
      {...viewDropParts(data)}
    >
      {data && !frame.decision.isOwn && <LostNameNote entry={view} loss="drop" />}
      {data && <ViewDropDetails review={data} />}
    </ProposalFrame>
  )
}
