'use client'
import { UNDO_SKELETON, UndoEffect } from '@/components/table/history/undo-effect'
import { undoPreviewQuery } from '@/lib/client/table/history'
import { paths } from '@/lib/paths/paths'
import { ActionSummary } from '../frame/action-summary'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'
import { TagSentence } from './tag-sentence'

/** A proposed undo: what it returns to, on the table as it is. */
export function ProposedUndo({ entry: table, proposal, action }: ProposedActionProps<'undo'>) {
  const { auditId, safetyTag } = action
  const { frame, data } = useProposedReview(table, proposal, undoPreviewQuery(table, auditId, safetyTag))
  return (
    <ProposalFrame
      {...frame}
      verdict={data && { needsConfirmation: data.needsConfirmation }}
      summary={<ActionSummary action={action} undoneHref={paths.historyEntry(table, auditId)} />}
      skeleton={UNDO_SKELETON}
      problem={{
        next: 'A proposal can only be committed unchanged: send it back or withdraw it when the same thing was changed since.',
      }}
      request={data?.request}
    >
      {data && <UndoEffect preview={data} hasTag={safetyTag !== null} />}
      {data && <TagSentence tag={safetyTag} />}
    </ProposalFrame>
  )
}
