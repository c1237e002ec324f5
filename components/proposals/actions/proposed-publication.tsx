'use client'
import { PublicationReview } from '@/components/table/publishing/publication-review'
import { usePublicationReview } from '@/components/table/publishing/use-publication-review'
import { useShownTable } from '@/components/table/frame/shown-table'
import type { Proposal } from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { namespaceLabel } from '@/lib/names/identifiers'
import { ActionSummary } from './action-summary'
import { ProposalFrame } from '../frame/proposal-frame'
import { useProposalDecision } from '../frame/use-proposal-decision'

type ProposedPublicationProps = { proposal: Proposal; action: Extract<ProposedAction, { kind: 'publish' }> }

/** A proposed publication, with what its checks say now. */
export function ProposedPublication({ proposal, action }: ProposedPublicationProps) {
  const { table } = useShownTable()
  const decision = useProposalDecision(table, proposal)
  const isOpen = proposal.state === 'open'
  const review = usePublicationReview(table, action.snapshotId, isOpen && !decision.isOwn)
  const { impact, isReady, branch } = review
  return (
    <ProposalFrame
      proposal={proposal}
      decision={decision}
      review={
        impact
          ? {
              fits: isReady && branch === action.branch,
              needsConfirmation: false,
              reviewed: { kind: 'publish', mainSnapshotId: impact.fromSnapshotId },
            }
          : null
      }
    >
      <ActionSummary action={action} />
      {isOpen && (
        <PublicationReview
          snapshotId={action.snapshotId}
          review={review}
          name={`${namespaceLabel(table.namespace)}.${table.table}`}
        />
      )}
    </ProposalFrame>
  )
}
