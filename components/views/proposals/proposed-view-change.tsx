'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { useViewProposalDecision } from '@/components/proposals/use-proposal-decision'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { viewEditReviewQuery } from '@/lib/client/lifecycle/views'
import type { ProposedViewAction, ViewProposal } from '@/lib/contract/lifecycle/view-proposals'
import { namespaceLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import { ProposedEdit } from './proposed-edit'
import { ViewProposalFrame } from './view-proposal-frame'

type ProposedViewChangeProps = {
  view: ViewIdentifier
  proposal: ViewProposal
  edit: Extract<ProposedViewAction, { kind: 'change-view' }>['edit']
}

/** A proposed change of a view: how it differs, and its commit on the view as it is now. */
export function ProposedViewChange({ view, proposal, edit }: ProposedViewChangeProps) {
  const decision = useViewProposalDecision(view, proposal)
  const isOpen = proposal.state === 'open'
  const review = useQuery({ ...viewEditReviewQuery(view, edit), enabled: isOpen && !decision.isOwn })
  const shown = isOpen && !review.error ? review.data : undefined
  const fits = shown !== undefined && shown.blockers.length === 0 && shown.conflict === null
  return (
    <ViewProposalFrame
      view={view}
      proposal={proposal}
      decision={decision}
      review={shown ? { fits, needsConfirmation: false } : null}
    >
      {shown?.conflict && (
        <WarningNote>
          Version {shown.conflict.versionId} became current after the proposal was made. A proposal is committed as it
          is or not at all: send it back, or propose again.
        </WarningNote>
      )}
      {shown?.blockers.map(({ message }) => (
        <WarningNote key={message}>{message}</WarningNote>
      ))}
      {shown?.warnings.map((warning) => (
        <WarningNote key={warning}>{warning}</WarningNote>
      ))}
      <ProposedEdit view={view} edit={edit} />
      {isOpen && (
        <Unloaded
          query={review}
          subject={`${namespaceLabel(view.namespace)}.${view.view}`}
          skeleton={[4, 2, 'Checking the change']}
        />
      )}
      {shown?.request && shown.scripts && (
        <CommitTabs request={shown.request} scripts={shown.scripts} changeCount={1} />
      )}
    </ViewProposalFrame>
  )
}
