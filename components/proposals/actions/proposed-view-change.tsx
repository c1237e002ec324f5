'use client'
import { isFitting, viewEditParts } from '@/components/views/view-edit-review'
import { viewEditReviewQuery } from '@/lib/client/lifecycle/views'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'
import { ProposedEdit } from './proposed-edit'

const CONFLICT =
  'after the proposal was made. A proposal is committed as it is or not at all: send it back, or propose again.'

/** A proposed change of a view: how it differs, and its commit on the view as it is now. */
export function ProposedViewChange({ entry: view, proposal, action: { edit } }: ProposedActionProps<'change-view'>) {
  const { frame, data } = useProposedReview(view, proposal, viewEditReviewQuery(view, edit))
  return (
    <ProposalFrame {...frame} verdict={data && { fits: isFitting(data) }} {...viewEditParts(data, CONFLICT)}>
      <ProposedEdit view={view} edit={edit} />
    </ProposalFrame>
  )
}
