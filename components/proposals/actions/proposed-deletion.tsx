'use client'
import { useShownTable } from '@/components/table/frame/shown-table'
import { removesNothing, rowDeletionParts } from '@/components/table/lifecycle/delete-rows-review'
import { rowDeletionReviewQuery } from '@/lib/client/jobs/row-deletions'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'

/** A proposed deletion of rows: what a run would remove from the table as it is now. Its commit starts the run. */
export function ProposedDeletion({ entry: table, proposal, action }: ProposedActionProps<'delete-rows'>) {
  const { metadataLocation } = useShownTable().detail
  const { where, branch } = action
  const review = rowDeletionReviewQuery(table, { where, branch }, metadataLocation)
  const { frame, data } = useProposedReview(table, proposal, review)
  return (
    <ProposalFrame
      {...frame}
      verdict={data && { fits: !removesNothing(data), label: 'Delete the rows', needsConfirmation: true }}
      {...rowDeletionParts(data)}
    />
  )
}
