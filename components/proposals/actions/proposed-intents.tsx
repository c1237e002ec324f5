'use client'
import { useQuery } from '@tanstack/react-query'
import { ConflictTable } from '@/components/changes/tray/conflict-table'
import { useMightBreak } from '@/components/changes/action/use-might-break'
import { changeParts, ReviewedChanges } from '@/components/changes/tray/reviewed-changes'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { changeReviewQuery } from '@/lib/client/table/changes'
import { intentArea } from '@/lib/changes/intents/intent'
import { CopyToTray } from './copy-to-tray'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposalDecision } from '../frame/use-proposal-decision'

const LazyRefImpacts = lazyComponent(async () => (await import('./ref-impacts')).RefImpacts)

/** Proposed intents: their words, the impact on refs, and the review of their commit. */
export function ProposedIntents({ entry: table, proposal, action: { intents } }: ProposedActionProps<'change-table'>) {
  const isOpen = proposal.state === 'open'
  const breaksReaders = useMightBreak(table, isOpen ? intents : [])
  const decision = useProposalDecision(table, proposal)
  const review = useQuery({ ...changeReviewQuery(table, intents), enabled: isOpen })
  const data = isOpen ? review.data : undefined
  const { conflicts = [], problem = null } = data ?? {}
  const fits = data !== undefined && conflicts.length === 0 && problem === null
  return (
    <ProposalFrame
      proposal={proposal}
      decision={decision}
      verdict={
        data && {
          fits: fits && breaksReaders !== undefined,
          needsConfirmation: data.needsConfirmation || breaksReaders === true,
          ...(data.requestDigest !== null && {
            reviewed: { kind: 'change-table', requestDigest: data.requestDigest },
          }),
        }
      }
      alternative={<CopyToTray intents={intents} />}
      summary={<ReviewedChanges table={table} intents={intents} problem={problem} figures={data?.figures} />}
      query={review}
      {...changeParts(data, intents.length)}
    >
      {fits && !decision.isOwn && intents.some((one) => intentArea(one) === 'snapshots') && (
        <LazyRefImpacts intents={intents} />
      )}
      {conflicts.length > 0 && (
        <ConflictTable
          conflicts={conflicts}
          intents={intents}
          requestedBy="Proposed"
          advice={`Another client changed ${conflicts.length === 1 ? 'this' : 'these'} after the proposal was made. A proposal can only be committed unchanged: send it back, or copy it to the tray and propose again.`}
        />
      )}
    </ProposalFrame>
  )
}
