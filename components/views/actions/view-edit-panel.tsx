'use client'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import { CommitFooter, type NewProposal } from '@/components/changes/commit-footer'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { ProposedNotice } from '@/components/changes/proposed-notice'
import { useCommitBlocker } from '@/components/changes/use-commit-blocker'
import { CreationNotes } from '@/components/explore/new-table/creation-notes'
import classes from '@/components/table/lifecycle/lifecycle-panel.module.css'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { TYPING_PAUSE_MS } from '@/components/ui/typing-pause'
import { retryFetch } from '@/lib/client/call/retry'
import { editToWire, viewEditReviewQuery } from '@/lib/client/lifecycle/views'
import { namespaceLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import type { ViewEdit } from '@/lib/changes/view-edits/view-edit'
import { useViewWrite } from '../edit/use-view-write'

type ViewEditPanelProps = {
  view: ViewIdentifier
  title: string
  action: string
  /** Null while the fields are unchanged or invalid. */
  edit: ViewEdit | null
  onClose: () => void
  onDone: () => void
  children: ReactNode
}

const NO_EDIT: ViewEdit = { kind: 'properties', changes: [] }

/** A change of a view that fits a panel: its fields, the exact request, and the commit or the proposal. */
export function ViewEditPanel({ view, title, action, edit, onClose, onDone, children }: ViewEditPanelProps) {
  const requested = JSON.stringify(edit)
  const [settled] = useDebouncedValue(requested, TYPING_PAUSE_MS)
  const [proposal, setProposal] = useState<NewProposal | null>(null)
  const write = useViewWrite(requested, onDone)
  const review = useQuery({
    ...viewEditReviewQuery(view, edit ?? NO_EDIT),
    enabled: edit !== null && settled === requested && write.state === 'open' && !write.isPending,
  })
  const commitOff = useCommitBlocker(view)
  const label = `${namespaceLabel(view.namespace)}.${view.view}`
  const shown = edit === null ? null : (review.data ?? null)
  const isFitting =
    shown !== null && shown.blockers.length === 0 && shown.conflict === null && !review.isPlaceholderData
  const fits = edit !== null && settled === requested && isFitting && write.state === 'open'
  const commit = () => edit !== null && write.submit((keyed) => ({ ...view, ...keyed, kind: 'edit', edit }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // Enter sends nothing that the button would not send.
    if (fits && proposal === null && commitOff.isKnown && commitOff.reason === null) commit()
  }
  return (
    <SidePanel
      title={title}
      subtitle="Nothing has changed yet"
      width={468}
      onClose={onClose}
      takesFocus
      footer={
        proposal === null && (
          <CommitFooter
            // Another edit starts a new proposal.
            key={requested}
            view={view}
            proposed={{ kind: 'change-view', edit: editToWire(edit ?? NO_EDIT) }}
            action={action}
            fits={fits}
            needsConfirmation={false}
            isPending={write.isPending}
            // Shown with the possible next steps.
            error={null}
            onClose={onClose}
            onCommit={commit}
            onProposed={setProposal}
          />
        )
      }
    >
      <div className={classes.body}>
        {proposal && <ProposedNotice entry={view} proposal={proposal} isInPanel onDismiss={onClose} />}
        <CreationNotes make={write} label={label} verb="changed" />
        {shown?.blockers.map(({ message }) => (
          <WarningNote key={message}>{message}</WarningNote>
        ))}
        <form onSubmit={submit} className="stack gap-12">
          {children}
        </form>
        {shown?.conflict && (
          <WarningNote>
            Version {shown.conflict.versionId} became current meanwhile. Close this, look at it, and begin again.
          </WarningNote>
        )}
        {shown?.warnings.map((warning) => (
          <WarningNote key={warning}>{warning}</WarningNote>
        ))}
        {review.error && edit !== null && (
          <ProblemNote error={review.error} subject={label} onRetry={() => retryFetch(review.refetch)} />
        )}
        {shown?.request && shown.scripts && (
          <CommitTabs request={shown.request} scripts={shown.scripts} changeCount={1} />
        )}
      </div>
    </SidePanel>
  )
}
