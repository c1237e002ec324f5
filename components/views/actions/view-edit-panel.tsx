'use client'
import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useId } from 'react'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { MakeNotes } from '@/components/new-table/make-notes'
import classes from '@/components/tables/lifecycle/lifecycle-panel.module.css'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { TYPING_PAUSE_MS } from '@/components/ui/typing-pause'
import { retryFetch } from '@/lib/client/call/retry'
import { viewEditReviewQuery } from '@/lib/client/lifecycle/views'
import { changePolicyQuery } from '@/lib/client/proposals'
import { heldReason, VIEW_CHANGE_BY_USER } from '@/lib/held-change'
import { namespaceLabel, type ViewIdentifier } from '@/lib/iceberg/identifiers'
import type { ViewEdit } from '@/lib/iceberg/view-edits/view-edit'
import { useViewWrite } from '../edit/use-view-write'

type ViewEditPanelProps = {
  view: ViewIdentifier
  title: string
  action: string
  /** Null: nothing is changed yet, or it cannot be like this. */
  edit: ViewEdit | null
  onClose: () => void
  onDone: () => void
  children: ReactNode
}

/** A change of a view that needs no page of its own: its fields, the exact request, and the commit. */
export function ViewEditPanel({ view, title, action, edit, onClose, onDone, children }: ViewEditPanelProps) {
  const formId = useId()
  const wanted = JSON.stringify(edit)
  const [settled] = useDebouncedValue(wanted, TYPING_PAUSE_MS)
  const write = useViewWrite(wanted, onDone)
  const review = useQuery({
    ...viewEditReviewQuery(view, edit ?? { kind: 'properties', changes: [] }),
    enabled: edit !== null && settled === wanted && write.state === 'open' && !write.isPending,
  })
  const label = `${namespaceLabel(view.namespace)}.${view.view}`
  const shown = edit === null ? null : (review.data ?? null)
  const { demandedBy = null } = useQuery(changePolicyQuery(view.catalog, view.namespace)).data ?? {}
  // Said before anything is typed; the review says the same of an edit.
  const hold = demandedBy === null ? [] : [heldReason(demandedBy, VIEW_CHANGE_BY_USER)]
  const problems = [...new Set([...hold, ...(shown?.obstacles.map(({ message }) => message) ?? [])])]
  const isFitting = shown !== null && problems.length === 0 && shown.conflict === null && !review.isPlaceholderData
  const canSubmit = edit !== null && settled === wanted && isFitting && write.state === 'open'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (canSubmit) write.submit((keyed) => ({ ...view, ...keyed, kind: 'edit', edit }))
  }
  return (
    <SidePanel
      title={title}
      subtitle="Nothing has changed yet"
      width={468}
      onClose={onClose}
      takesFocus
      footer={
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose} disabled={write.isPending}>
            Cancel
          </Button>
          <WaitingButton type="submit" form={formId} loading={write.isPending} disabled={!canSubmit}>
            {action}
          </WaitingButton>
        </div>
      }
    >
      <div className={classes.body}>
        <MakeNotes make={write} label={label} verb="changed" />
        {problems.map((message) => (
          <WarningNote key={message}>{message}</WarningNote>
        ))}
        <form id={formId} onSubmit={submit} className={classes.fields}>
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
