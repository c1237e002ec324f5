'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { ExpiryReview } from '@/components/table/expiry/expiry-review'
import { useShownTable } from '@/components/table/frame/shown-table'
import { expiryPreviewQuery } from '@/lib/client/table/expiry'
import type { Proposal } from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { namespaceLabel } from '@/lib/names/identifiers'
import { ActionSummary } from './action-summary'
import { ProposalFrame } from '../frame/proposal-frame'
import { useProposalDecision } from '../frame/use-proposal-decision'

type ProposedExpiryProps = { proposal: Proposal; action: Extract<ProposedAction, { kind: 'expire' }> }

/** A proposed expiry: its criteria, and the dry run of now. What it shows is what a commit removes. */
export function ProposedExpiry({ proposal, action }: ProposedExpiryProps) {
  const { table } = useShownTable()
  const decision = useProposalDecision(table, proposal)
  const isOpen = proposal.state === 'open'
  const { kind, ...choice } = action
  const preview = useQuery({ ...expiryPreviewQuery(table, choice), enabled: isOpen && !decision.isOwn })
  const data = preview.error ? undefined : preview.data
  const intent = data?.intent ?? null
  const review =
    data && intent?.kind === 'expire-snapshots'
      ? { fits: true, needsConfirmation: true, reviewed: { kind, nowMs: data.criteria.nowMs, intent } }
      : null
  return (
    <ProposalFrame proposal={proposal} decision={decision} review={review}>
      <ActionSummary action={action} />
      {isOpen && (
        <Unloaded
          query={preview}
          subject={`${namespaceLabel(table.namespace)}.${table.table}`}
          skeleton={[8, 5, 'Counting what would go']}
        />
      )}
      {isOpen && data && <ExpiryReview preview={data} />}
    </ProposalFrame>
  )
}
