'use client'
import { expiryParts } from '@/components/table/expiry/expiry-review'
import { expiryPreviewQuery } from '@/lib/client/table/expiry'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'

/** A proposed expiry: its criteria, and the dry run of now. What it shows is what a commit removes. */
export function ProposedExpiry({ entry: table, proposal, action }: ProposedActionProps<'expire'>) {
  const { kind, ...choice } = action
  const { frame, data } = useProposedReview(table, proposal, expiryPreviewQuery(table, choice))
  const intent = data?.intent ?? null
  return (
    <ProposalFrame
      {...frame}
      verdict={
        data && intent?.kind === 'expire-snapshots'
          ? { needsConfirmation: true, reviewed: { kind, nowMs: data.criteria.nowMs, intent } }
          : undefined
      }
      {...expiryParts(data)}
    />
  )
}
