'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { RewriteReview } from '@/components/table/compression/studio/rewrite-review'
import { useShownTable } from '@/components/table/frame/shown-table'
import { rewritePreviewQuery } from '@/lib/client/table/rewrites'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import type { Proposal } from '@/lib/contract/proposals'
import { namespaceLabel } from '@/lib/names/identifiers'
import { ActionSummary } from './action-summary'
import { ProposalFrame } from '../frame/proposal-frame'
import { useProposalDecision } from '../frame/use-proposal-decision'

type ProposedRewriteProps = { proposal: Proposal; action: Extract<ProposedAction, { kind: 'rewrite-files' }> }

/** A proposed rewrite of files: what a run would do to the table as it is now. Its commit starts the run. */
export function ProposedRewrite({ proposal, action }: ProposedRewriteProps) {
  const { table, detail } = useShownTable()
  const decision = useProposalDecision(table, proposal)
  const isOpen = proposal.state === 'open'
  const preview = useQuery({
    ...rewritePreviewQuery(table, detail.metadataLocation),
    enabled: isOpen && !decision.isOwn,
  })
  const data = isOpen && !preview.error ? preview.data : undefined
  const fits = data !== undefined && data.differingFileCount > 0
  return (
    <ProposalFrame
      proposal={proposal}
      decision={decision}
      review={data ? { fits, needsConfirmation: false, action: 'Start the rewrite' } : null}
    >
      <ActionSummary action={action} />
      {isOpen && (
        <Unloaded
          query={preview}
          subject={`${namespaceLabel(table.namespace)}.${table.table}`}
          skeleton={[6, 2, 'Reading footers of data files']}
        />
      )}
      {data && <RewriteReview preview={data} />}
    </ProposalFrame>
  )
}
