'use client'
import { Button } from '@mantine/core'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { ReviewedEntry } from '@/components/shell/catalog-name'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SidePanel } from '@/components/ui/side-panel'
import type { ProposedEntry } from '@/lib/client/table/proposals'
import classes from './action-panel.module.css'
import { ActionReview, type ActionReviewProps } from './action-review'
import { type ActionWrite, CommitFooter, type CommittableAction } from '@/components/changes/commit/commit-footer'
import { entrySubject } from './entry-subject'
import type { NewProposal } from '@/components/changes/commit/propose-form'
import { ProposedNotice } from '@/components/changes/commit/proposed-notice'
import { isUnsent } from './use-review'

/** An action that is carried out at once, without a proposal, or that joins the pending changes. */
type PlainAction = { label: string; fits: boolean; commit: () => void }

/** A write that ends with its panel. */
const NO_WRITE: ActionWrite = { isPending: false, isSuccess: false, error: null }

type ActionPanelProps<Entry extends ProposedEntry> = ActionReviewProps & {
  title: string
  subtitle?: string | undefined
  /** In pixels: 428 for impact, 468 for a form or long lists. */
  width?: 428 | 468
  /** The table, view or namespace that the action changes. */
  entry: Entry
  /** Null while there is nothing to carry out; `close`: there never is, so the panel only closes. */
  action: CommittableAction<Entry> | PlainAction | 'close' | null
  write?: ActionWrite
  /** The state that a failure of a plain action left unchanged, in one sentence. */
  unchanged?: string
  /** Choices and notes before the review. */
  choices?: ReactNode
  /** The fields of a form, after the choices. Enter in one of them does what the button does. */
  fields?: ReactNode
  closeLabel?: 'Close' | 'Cancel'
  onClose: () => void
  /** Called with the proposal. By default the panel stays and leads to it. */
  onProposed?: (proposal: NewProposal) => void
}

/**
 * The panel of an action: what it is and what it acts on, the choices that it leaves, its review, and the footer that
 * commits or proposes it. A panel is no more than a description of its action. While the action is carried out, and until
 * the panel has closed, the panel stays as it was when the action was sent: the action itself changes what it describes.
 */
export function ActionPanel<Entry extends ProposedEntry>({
  write = NO_WRITE,
  onClose,
  onProposed,
  ...current
}: ActionPanelProps<Entry>) {
  const isSent = !isUnsent(write)
  const [sent, setSent] = useState<typeof current | null>(null)
  if (isSent !== (sent !== null)) setSent(isSent ? current : null)
  const {
    title,
    subtitle = 'Nothing has changed yet',
    width = 428,
    entry,
    action,
    unchanged,
    choices,
    fields,
    closeLabel = 'Cancel',
    ...review
  } = sent ?? current
  const formId = useId()
  const [proposal, setProposal] = useState<NewProposal | null>(null)
  const subject = entrySubject(entry)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // Enter sends nothing that the button would not send.
    const button = document.querySelector<HTMLButtonElement>(`button[form="${formId}"]`)
    if (button?.disabled === false && action !== null && action !== 'close') action.commit()
  }
  const submittingForm = fields === undefined ? undefined : formId
  return (
    <SidePanel
      title={title}
      subtitle={subtitle}
      width={width}
      onClose={onClose}
      takesFocus
      footer={
        action === null || proposal !== null ? undefined : action !== 'close' && 'proposed' in action ? (
          <CommitFooter
            key={action.id ?? ''}
            entry={entry}
            action={action}
            write={write}
            formId={submittingForm}
            closeLabel={closeLabel}
            onClose={onClose}
            onProposed={onProposed ?? setProposal}
          />
        ) : (
          <PlainFooter action={action} isPending={isSent} formId={submittingForm} onClose={onClose} />
        )
      }
    >
      <div className={classes.body}>
        <ReviewedEntry entry={entry} />
        {proposal && <ProposedNotice entry={entry} proposal={proposal} isInPanel onDismiss={onClose} />}
        {unchanged !== undefined && write.error && (
          <ProblemNote error={write.error} subject={subject} unchanged={unchanged} />
        )}
        {choices}
        {fields !== undefined && (
          <form id={formId} onSubmit={submit} className="stack gap-12">
            {fields}
          </form>
        )}
        <ActionReview {...review} subject={subject} />
      </div>
    </SidePanel>
  )
}

type PlainFooterProps = {
  action: PlainAction | 'close'
  isPending: boolean
  formId: string | undefined
  onClose: () => void
}

function PlainFooter({ action, isPending, formId, onClose }: PlainFooterProps) {
  return (
    <div className="columns gap-8 to-end">
      <Button variant="default" onClick={onClose} disabled={isPending}>
        {action === 'close' ? 'Close' : 'Cancel'}
      </Button>
      {action !== 'close' && (
        <WaitingButton
          loading={isPending}
          disabled={!action.fits}
          {...(formId === undefined ? { onClick: action.commit } : { type: 'submit', form: formId })}
        >
          {action.label}
        </WaitingButton>
      )}
    </div>
  )
}
