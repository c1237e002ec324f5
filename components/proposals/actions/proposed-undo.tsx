'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Unloaded } from '@/components/shell/unloaded'
import reviewClasses from '@/components/changes/review-result.module.css'
import { CommitRequest } from '@/components/changes/commit-request'
import { UndoChanges } from '@/components/table/history/undo-changes'
import { MoveImpact } from '@/components/table/impact/impact-review'
import { useShownTable } from '@/components/table/frame/shown-table'
import { undoPreviewQuery } from '@/lib/client/table/history'
import type { Proposal } from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { actionSentence } from '@/lib/proposals/action-sentence'
import { ProposalFrame } from '../frame/proposal-frame'
import { TagSentence } from './tag-sentence'
import { useProposalDecision } from '../frame/use-proposal-decision'

type ProposedUndoProps = { proposal: Proposal; action: Extract<ProposedAction, { kind: 'undo' }> }

/** A proposed undo: what it returns to, on the table as it is. */
export function ProposedUndo({ proposal, action }: ProposedUndoProps) {
  const { table } = useShownTable()
  const decision = useProposalDecision(table, proposal)
  const isOpen = proposal.state === 'open'
  const { auditId, safetyTag } = action
  const preview = useQuery({
    ...undoPreviewQuery(table, auditId, safetyTag),
    enabled: isOpen && !decision.isOwn,
  })
  const data = preview.error ? undefined : preview.data
  return (
    <ProposalFrame
      proposal={proposal}
      decision={decision}
      review={data ? { fits: true, needsConfirmation: data.needsConfirmation } : null}
    >
      <section>
        <h3 className={reviewClasses.heading}>Change</h3>
        <p>
          {actionSentence(action)} ·{' '}
          <Link href={paths.historyEntry(table, auditId)}>what is undone, in the history</Link>
        </p>
      </section>
      {isOpen && (
        <Unloaded
          query={preview}
          subject={`${namespaceLabel(table.namespace)}.${table.table}`}
          next="A proposal is committed as it is or not at all: send it back or withdraw it when the same thing was changed since."
          skeleton={[6, 4, 'Preparing the undo']}
        />
      )}
      {isOpen && data && (
        <>
          <UndoChanges preview={data} />
          {data.impact && <MoveImpact impact={data.impact} hasTag={safetyTag !== null} />}
          <TagSentence tag={safetyTag} />
          <CommitRequest {...data.request} />
        </>
      )}
    </ProposalFrame>
  )
}
