'use client'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { LostNameNote } from '@/components/changes/action/lost-name-note'
import { isUnsent, useReview } from '@/components/changes/action/use-review'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { useDropView, viewDropReviewQuery } from '@/lib/client/lifecycle/views'
import { paths } from '@/lib/paths/paths'
import { ViewDropDetails, viewDropParts } from '../view-drop-review'
import type { ViewPanelProps } from './view-panel-props'

/** Drops or proposes to drop the view, after a review and the typed name. */
export function DropViewPanel({ view, onClose }: ViewPanelProps) {
  const navigateAway = useNavigateAway()
  const drop = useDropView(view, () => navigateAway(paths.namespace(view.catalog, view.namespace)))
  const { query, data } = useReview(viewDropReviewQuery(view), drop)
  return (
    <ActionPanel
      title="Drop view"
      width={468}
      entry={view}
      query={query}
      {...viewDropParts(data)}
      write={drop}
      action={
        data?.dropProblem === null
          ? {
              proposed: { kind: 'drop-view' },
              label: 'Drop',
              // A proposal is of the uuid in its metadata.
              isProposable: data.problem === null,
              needsConfirmation: true,
              commit: (confirmedName = '') => drop.mutate({ metadataLocation: data.metadataLocation, confirmedName }),
            }
          : null
      }
      onClose={onClose}
    >
      {data && isUnsent(drop) && <LostNameNote entry={view} loss="drop" />}
      {data && <ViewDropDetails review={data} />}
    </ActionPanel>
  )
}
