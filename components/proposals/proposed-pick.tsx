'use client'
import { useQuery } from '@tanstack/react-query'
import { PickReview } from '@/components/table/publishing/pick-review'
import { useUnknownAncestry } from '@/components/table/publishing/use-unknown-ancestry'
import { useShownTable } from '@/components/table/frame/shown-table'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { retryFetch } from '@/lib/client/call/retry'
import { cherryPickQuery } from '@/lib/client/table/cherry-picks'
import type { Proposal } from '@/lib/contract/table/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { namespaceLabel } from '@/lib/names/identifiers'
import { ActionWords } from './action-words'
import { ProposalFrame } from './proposal-frame'
import { useProposalDecision } from './use-proposal-decision'

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
      <ActionWords action={action} />
      {isOpen && review.isPending && <SkeletonRows rows={6} columns={4} label="Reading the changes of the snapshot" />}
      {isOpen && review.error && (
        <ProblemNote
          error={review.error}
          subject={`${namespaceLabel(table.namespace)}.${table.table}`}
          onRetry={() => retryFetch(review.refetch)}
        />
      )}
      {isOpen && data && <PickReview review={data} ancestry={ancestry} />}
    </ProposalFrame>
  )
}
