'use client'
import { useQuery } from '@tanstack/react-query'
import { ConflictTable } from '@/components/changes/conflict-table'
import { ReviewedChanges, ReviewResult } from '@/components/changes/review-result'
import { useShownTable } from '@/components/table/frame/shown-table'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { changeReviewQuery } from '@/lib/client/table/changes'
import type { Proposal } from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { namespaceLabel } from '@/lib/names/identifiers'
import { intentArea } from '@/lib/changes/intents/intent'
import { CopyToTray } from './copy-to-tray'
import { ProposalFrame } from '../frame/proposal-frame'
import { useProposalDecision } from '../frame/use-proposal-decision'

const LazyRefImpacts = lazyComponent(async () => (await import('./ref-impacts')).RefImpacts)

type ProposedIntentsProps = { proposal: Proposal; action: Extract<ProposedAction, { kind: 'change-table' }> }

/** Proposed intents: their words, the impact on refs, and the review of their commit. */
export function ProposedIntents({ proposal, action: { intents } }: ProposedIntentsProps) {
  const { table } = useShownTable()
  const isOpen = proposal.state === 'open'
  const decision = useProposalDecision(table, proposal)
  const review = useQuery({ ...changeReviewQuery(table, intents), enabled: isOpen })
  const { data } = review
  const conflicts = (isOpen && data?.conflicts) || []
  const fits = data !== undefined && data.conflicts.length === 0 && data.problem === null
  return (
    <ProposalFrame
      proposal={proposal}
      decision={decision}
      review={
        data
          ? {
              fits,
              needsConfirmation: data.needsConfirmation,
              ...(data.requestDigest !== null && {
                reviewed: { kind: 'change-table', requestDigest: data.requestDigest },
              }),
            }
          : null
      }
      otherWay={<CopyToTray intents={intents} />}
    >
      <ReviewedChanges
        intents={intents}
        problem={isOpen ? (data?.problem ?? null) : null}
        figures={isOpen ? data?.figures : undefined}
      />
      {isOpen && fits && !decision.isOwn && intents.some((one) => intentArea(one) === 'snapshots') && (
        <LazyRefImpacts intents={intents} />
      )}
      {isOpen && (
        <ReviewResult
          review={review}
          name={`${namespaceLabel(table.namespace)}.${table.table}`}
          changeCount={intents.length}
          conflicts={
            conflicts.length > 0 && (
              <ConflictTable
                conflicts={conflicts}
                intents={intents}
                requestedBy="Proposed"
                advice={`Another client changed ${conflicts.length === 1 ? 'this' : 'these'} after the proposal was made. A proposal is committed as it is or not at all: send it back, or copy it to the tray and propose again.`}
              />
            )
          }
        />
      )}
    </ProposalFrame>
  )
}
