'use client'
import { rewriteParts } from '@/components/table/compression/studio/rewrite-review'
import { useShownTable } from '@/components/table/frame/shown-table'
import { rewritePreviewQuery } from '@/lib/client/table/rewrites'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'

/** A proposed rewrite of files: what a run would do to the table as it is now. Its commit starts the run. */
export function ProposedRewrite({ entry: table, proposal }: ProposedActionProps<'rewrite-files'>) {
  const { metadataLocation } = useShownTable().detail
  const { frame, data } = useProposedReview(table, proposal, rewritePreviewQuery(table, metadataLocation))
  return (
    <ProposalFrame
      {...frame}
      verdict={data && { fits: data.differingFileCount > 0, label: 'Start the rewrite' }}
      {...rewriteParts(data)}
    />
  )
}
