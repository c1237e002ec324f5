'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { CommitFooter, type NewProposal } from '@/components/changes/commit-footer'
import { ProposedNotice } from '@/components/changes/proposed-notice'
import classes from '@/components/table/lifecycle/lifecycle-panel.module.css'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { useDropView, viewDropReviewQuery } from '@/lib/client/lifecycle/views'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { ViewDropDetails } from '../view-drop-details'
import type { ViewPanelProps } from './view-panel-props'

/** Drops or proposes to drop the view, after a review and the typed name. */
export function DropViewPanel({ view, onClose }: ViewPanelProps) {
  const navigateAway = useNavigateAway()
  const [proposal, setProposal] = useState<NewProposal | null>(null)
  const drop = useDropView(view, () => navigateAway(paths.namespace(view.catalog, view.namespace)))
  const review = useQuery({
    ...viewDropReviewQuery(view),
    // Afterwards there is nothing left to review.
    enabled: !drop.isPending && !drop.isSuccess,
  })
  const name = `${namespaceLabel(view.namespace)}.${view.view}`
  const shown = review.error ? null : (review.data ?? null)
  return (
    <SidePanel
      title="Drop view"
      subtitle="Nothing has changed yet"
      width={468}
      onClose={onClose}
      takesFocus
      footer={
        proposal === null &&
        shown?.dropProblem === null && (
          <CommitFooter
            view={view}
            proposed={{ kind: 'drop-view' }}
            permission="table:maintain"
            action="Drop"
            fits
            // A proposal is of the uuid in its metadata.
            isProposable={shown.problem === null}
            needsConfirmation
            isPending={drop.isPending}
            error={drop.error}
            onClose={onClose}
            onCommit={() => drop.mutate({ metadataLocation: shown.metadataLocation, confirmedName: name })}
            onProposed={setProposal}
          />
        )
      }
    >
      <div className={classes.body}>
        {proposal && <ProposedNotice entry={view} proposal={proposal} isInPanel onDismiss={onClose} />}
        <Unloaded query={review} subject={name} skeleton={[4, 2, 'Reading what the view has']} />
        {shown && shown.dropProblem !== null && <WarningNote>{shown.dropProblem}</WarningNote>}
        {shown && <ViewDropDetails review={shown} />}
      </div>
    </SidePanel>
  )
}
