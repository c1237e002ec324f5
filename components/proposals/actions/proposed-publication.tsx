'use client'
import { publicationParts } from '@/components/table/publishing/publication-review'
import { usePublicationReview } from '@/components/table/publishing/use-publication-review'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { sentDecision, useProposalDecision } from '../frame/use-proposal-decision'

/** A proposed publication, with what its checks say now. */
export function ProposedPublication({ entry: table, proposal, action }: ProposedActionProps<'publish'>) {
  const decision = useProposalDecision(table, proposal)
  const isOpen = proposal.state === 'open'
  const review = usePublicationReview(table, action.snapshotId, sentDecision(decision), isOpen)
  const { impact, isReady, branch } = review
  return (
    <ProposalFrame
      proposal={proposal}
      decision={decision}
      verdict={
        impact && {
          fits: isReady && branch === action.branch,
          reviewed: { kind: 'publish', mainSnapshotId: impact.fromSnapshotId },
        }
      }
      {...(isOpen && publicationParts(action.snapshotId, review))}
    />
  )
}
