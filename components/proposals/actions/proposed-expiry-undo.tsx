'use client'
import { expiryUndoParts, UndoSentences } from '@/components/table/expiry/expiry-undo-panel'
import { expiryUndoQuery } from '@/lib/client/table/expiry'
import { entryLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { ActionSummary } from '../frame/action-summary'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'

/** The proposed undo of an expiry: what it brings back, or why that is no longer possible. */
export function ProposedExpiryUndo({ entry: table, proposal, action }: ProposedActionProps<'undo-expiry'>) {
  const { frame, data } = useProposedReview(table, proposal, expiryUndoQuery(table, action.auditId))
  return (
    <ProposalFrame
      {...frame}
      verdict={data && { fits: data.problem === null }}
      summary={<ActionSummary action={action} undoneHref={paths.historyEntry(table, action.auditId)} />}
      {...expiryUndoParts(data, 'It cannot be undone any more.')}
    >
      {data && data.problem === null && <UndoSentences preview={data} name={entryLabel(table)} />}
    </ProposalFrame>
  )
}
