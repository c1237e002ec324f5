'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Unloaded } from '@/components/shell/unloaded'
import reviewClasses from '@/components/changes/review-result.module.css'
import { UndoSentences } from '@/components/table/expiry/expiry-undo-panel'
import { useShownTable } from '@/components/table/frame/shown-table'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { expiryUndoQuery } from '@/lib/client/table/expiry'
import type { Proposal } from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { actionSentence } from '@/lib/proposals/action-sentence'
import { ProposalFrame } from '../frame/proposal-frame'
import { useProposalDecision } from '../frame/use-proposal-decision'

type ProposedExpiryUndoProps = { proposal: Proposal; action: Extract<ProposedAction, { kind: 'undo-expiry' }> }

/** The proposed undo of an expiry: what it brings back, or why that is no longer possible. */
export function ProposedExpiryUndo({ proposal, action }: ProposedExpiryUndoProps) {
  const { table } = useShownTable()
  const decision = useProposalDecision(table, proposal)
  const isOpen = proposal.state === 'open'
  const preview = useQuery({ ...expiryUndoQuery(table, action.auditId), enabled: isOpen && !decision.isOwn })
  const data = isOpen && !preview.error ? preview.data : undefined
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  return (
    <ProposalFrame
      proposal={proposal}
      decision={decision}
      review={data ? { fits: data.problem === null, needsConfirmation: false } : null}
    >
      <section>
        <h3 className={reviewClasses.heading}>Change</h3>
        <p>
          {actionSentence(action)} ·{' '}
          <Link href={paths.historyEntry(table, action.auditId)}>what is undone, in the history</Link>
        </p>
      </section>
      {isOpen && <Unloaded query={preview} subject={name} skeleton={[4, 2, 'Preparing the undo']} />}
      {data && data.problem !== null && <WarningNote>It cannot be undone any more. {data.problem}</WarningNote>}
      {data && data.problem === null && <UndoSentences preview={data} name={name} />}
    </ProposalFrame>
  )
}
