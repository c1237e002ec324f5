'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { PickReview } from '@/components/table/publishing/pick-review'
import { useUnknownAncestry } from '@/components/table/publishing/use-unknown-ancestry'
import { useShownTable } from '@/components/table/frame/shown-table'
import { cherryPickQuery } from '@/lib/client/table/cherry-picks'
import type { Proposal } from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { namespaceLabel } from '@/lib/names/identifiers'
import { ActionSummary } from './action-summary'
import { ProposalFrame } from '../frame/proposal-frame'
import { useProposalDecision } from '../frame/use-proposal-decision'

type ProposedPickProps = { proposal: Proposal; action: Extract<ProposedAction, { kind: 'cherry-pick' }> }

/** A proposed cherry-pick, onto the branch as it is. */
export function ProposedPick({ proposal, action }: ProposedPickProps) {
  const { table } = useShownTable()
  const decision = useProposalDecision(table, proposal)
  const isOpen = proposal.state === 'open'
  const { snapshotId, branch } = action
  const review = useQuery({
    ...cherryPickQuery(table, snapshotId, branch),
    enabled: isOpen && !decision.isOwn,
  })
  const data = review.error ? undefined : review.data
  const ancestry = useUnknownAncestry(data)
  return (
    <ProposalFrame
      proposal={proposal}
      decision={decision}
      review={
        data
          ? {
              fits: true,
              needsConfirmation: false,
              commitProblem: ancestry.isMissing ? `Confirm above that ${branch} does not have the rows.` : null,
              reviewed: {
                kind: 'cherry-pick',
                tipSnapshotId: data.tip?.snapshotId ?? null,
                ...(ancestry.isConfirmed && { allowsUnknownAncestry: true }),
              },
            }
          : null
      }
    >
      <ActionSummary action={action} />
      {isOpen && (
        <Unloaded
          query={review}
          subject={`${namespaceLabel(table.namespace)}.${table.table}`}
          skeleton={[6, 4, 'Reading the changes of the snapshot']}
        />
      )}
      {isOpen && data && <PickReview review={data} ancestry={ancestry} />}
    </ProposalFrame>
  )
}
