'use client'
import { pickParts } from '@/components/table/publishing/pick-review'
import { useUnknownAncestry } from '@/components/table/publishing/use-unknown-ancestry'
import { cherryPickQuery } from '@/lib/client/table/cherry-picks'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'

/** A proposed cherry-pick, onto the branch as it is. */
export function ProposedPick({ entry: table, proposal, action }: ProposedActionProps<'cherry-pick'>) {
  const { snapshotId, branch } = action
  const { frame, data } = useProposedReview(table, proposal, cherryPickQuery(table, snapshotId, branch))
  const ancestry = useUnknownAncestry(data)
  return (
    <ProposalFrame
      {...frame}
      verdict={
        data && {
          commitProblem: ancestry.isMissing ? `Confirm above that ${branch} does not have the rows.` : null,
          reviewed: {
            kind: 'cherry-pick',
            tipSnapshotId: data.tip?.snapshotId ?? null,
            ...(ancestry.isConfirmed && { allowsUnknownAncestry: true }),
          },
        }
      }
      {...pickParts(data, ancestry)}
    />
  )
}
