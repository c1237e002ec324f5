'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { useProposalDecision } from '../frame/use-proposal-decision'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { viewEditReviewQuery } from '@/lib/client/lifecycle/views'
import type { EntryActionOf, ViewProposal } from '@/lib/contract/proposals'
import { namespaceLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import { ActionSummary } from './action-summary'
import { ProposedEdit } from './proposed-edit'
import { ProposalFrame } from '../frame/proposal-frame'

type ProposedViewChangeProps = {
  entry: ViewIdentifier
  proposal: ViewProposal
  action: EntryActionOf<'change-view'>
}

/** A proposed change of a view: how it differs, and its commit on the view as it is now. */
export function ProposedViewChange({ entry: view, proposal, action }: ProposedViewChangeProps) {
  const { edit } = action
  const decision = useProposalDecision(view, proposal)
  const isOpen = proposal.state === 'open'
  const review = useQuery({ ...viewEditReviewQuery(view, edit), enabled: isOpen && !decision.isOwn })
  const shown = isOpen && !review.error ? review.data : undefined
  const fits = shown !== undefined && shown.blockers.length === 0 && shown.conflict === null
  return (
    <ProposalFrame proposal={proposal} decision={decision} review={shown ? { fits, needsConfirmation: false } : null}>
      <ActionSummary action={action} />
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
    </ProposalFrame>
  )
}
