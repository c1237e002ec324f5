'use client'
import { EditedViewReaders } from '@/components/views/edited-view-readers'
import { isFitting, viewEditParts } from '@/components/views/view-edit-review'
import { viewEditReviewQuery } from '@/lib/client/lifecycle/views'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'
import { ProposedEdit } from './proposed-edit'

const CONFLICT =
  'after the proposal was made. A proposal can only be committed unchanged: send it back, or propose again.'

/** A proposed change of a view: how it differs, and its commit on the view as it is now. */
export function ProposedViewChange({ entry: view, proposal, action: { edit } }: ProposedActionProps<'change-view'>) {
  const { frame, data } = useProposedReview(view, proposal, viewEditReviewQuery(view, edit))
  return (
    <ProposalFrame {...frame} verdict={data && { fits: isFitting(data) }} {...viewEditParts(data, CONFLICT)}>
      {!frame.decision.isOwn && <EditedViewReaders view={view} edit={edit} review={data} />}
      <ProposedEdit view={view} edit={edit} />
    </ProposalFrame>
  )
}
