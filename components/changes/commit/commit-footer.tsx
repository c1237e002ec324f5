'use client'
import { Button } from '@mantine/core'
import { IconGitCommit } from '@tabler/icons-react'
import { useEffect, useId, useState } from 'react'
import { LabelChip } from '@/components/shell/catalog-name'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useKnownCatalog } from '@/lib/client/catalogs'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { ActionOn, ProposedEntry } from '@/lib/client/table/proposals'
import { AppError } from '@/lib/errors'
import { entryKind, entryLabel, entryLabelInCatalog, toResource } from '@/lib/names/identifiers'
import type { Permission } from '@/lib/permissions'
import { ACTION_PERMISSIONS } from './action-permissions'
import classes from './commit-footer.module.css'
import { CommitStanding } from './commit-standing'
import { type NewProposal, ProposeForm } from './propose-form'
import { useCommitBlocker } from './use-commit-blocker'
import { type CommitOutcome, KNOWN_OUTCOME } from './use-keyed-commit'

/** Whether an action can be carried out as its review shows it. */
export type Verdict = {
  /** Whether it can be committed or proposed in its current form; by default it can. */
  fits?: boolean
  /** Whether the name of the entry has to be typed before. */
  needsConfirmation?: boolean
  /** The label of the commit. */
  label?: string
  /** Why this user cannot commit it, in addition to the usual reasons; null: they can. */
  commitProblem?: string | null
}

/** A reviewed action, to commit now or to propose, for another user to commit. */
export type CommittableAction<Entry extends ProposedEntry = ProposedEntry> = Verdict & {
  /** As a proposal has it. */
  proposed: ActionOn<Entry>
  /** The same for people, with the names that columns have now; it words the title of a proposal. */
  worded?: ActionOn<Entry>
  /** Distinguishes the action from others in the same panel: another one starts a new proposal. */
  id?: string
  /** The permission that the commit needs, if the kind of the action does not say it. */
  permission?: Permission
  /** The object that a failure leaves unchanged. */
  subject?: string
  /** Whether it can be proposed at all. */
  isProposable?: boolean
  /** Whether something that only the commit needs is still missing. */
  isIncomplete?: boolean
  /** Why the commit is safe, in one sentence. */
  safe?: string
  commit: (confirmedName?: string) => void
}

/** The state of a request that carries out an action. */
export type ActionWrite = {
  isPending: boolean
  /** Whether it was carried out: until the panel has closed, it is not sent again. */
  isSuccess: boolean
  error: Error | null
  /** The outcome of a commit with a lost answer, for panels that look it up. */
  outcome?: CommitOutcome
}

type CommitFooterProps = {
  entry: ProposedEntry
  action: CommittableAction
  write: ActionWrite
  /** The form that commits with Enter; absent without one. */
  formId?: string | undefined
  closeLabel?: 'Close' | 'Cancel' | 'Discard changes'
  /** Whether there is anything to close or discard. */
  canClose?: boolean
  onClose: () => void
  onProposed: (proposal: NewProposal) => void
}

/**
 * The end of every review of a change: *Commit*, after the name of the table was typed if snapshots are lost, and
 * *Propose…*. Where the user may not commit, or a policy demands a second person, it says so, and *Propose…* comes first.
 */
export function CommitFooter({
  entry,
  action,
  write: { isPending: isSending, isSuccess, error, outcome = KNOWN_OUTCOME },
  formId,
  closeLabel = 'Cancel',
  canClose = true,
  onClose,
  onProposed,
}: CommitFooterProps) {
  const { fits = true, needsConfirmation = false, label = 'Commit', commitProblem = null, safe, commit } = action
  const { proposed, worded = proposed, permission = ACTION_PERMISSIONS[action.proposed.kind] } = action
  const { subject = `The ${entryKind(entry)}`, isProposable = true, isIncomplete = false } = action
  const isPending = isSending || isSuccess
  const isOpen = outcome.state === 'looking' || outcome.state === 'pending'
  const canPropose = useHasPermission('table:propose', toResource(entry)) === true && isProposable
  const { reason: offReason, isKnown, lookAgain } = useCommitBlocker(entry, { permission })
  const reason = offReason ?? commitProblem
  const reasonId = useId()
  const [isProposing, setProposing] = useState(false)
  // A refusal may be the first that the page hears of a policy.
  useEffect(() => {
    if (error) void lookAgain()
  }, [error, lookAgain])
  const name = entryLabel(entry)
  const { hasOthers, label: catalogLabel } = useKnownCatalog(entry.catalog)
  const typedName = hasOthers ? entryLabelInCatalog(entry) : name
  const canCommit = fits && isKnown && reason === null && !isOpen
  if (isProposing && fits)
    return (
      <ProposeForm
        target={{ entry, proposed }}
        worded={worded}
        onCancel={() => setProposing(false)}
        onProposed={onProposed}
      />
    )
  const proposeButton = canPropose && (
    <Button
      variant={reason === null ? 'default' : 'filled'}
      disabled={!fits || isPending || isOpen}
      onClick={() => setProposing(true)}
    >
      Propose…
    </Button>
  )
  return (
    <div className="row flow gap-8 to-end">
      {error && (
        <div className={classes.problem}>
          <ProblemNote
            error={error}
            subject={name}
            unchanged={`${subject} was not changed.`}
            {...describeOutcome(outcome, subject)}
          />
        </div>
      )}
      <CommitStanding reason={reason} reasonId={reasonId} safe={canCommit && error === null ? safe : undefined} />
      {canCommit && needsConfirmation ? (
        <div className={classes.confirm}>
          <DangerConfirm
            name={typedName}
            of={catalogLabel && <LabelChip {...catalogLabel} />}
            action={label}
            isPending={isPending}
            isDisabled={isIncomplete}
            conflict={isConflict(error) ? error : null}
            onCancel={onClose}
            onConfirm={() => commit(typedName)}
            alternative={proposeButton}
          />
        </div>
      ) : (
        <span className={classes.buttons}>
          <Button variant="default" onClick={onClose} disabled={isPending || !canClose}>
            {closeLabel}
          </Button>
          {reason === null && proposeButton}
          <WaitingButton
            leftSection={<IconGitCommit size={15} stroke={1.6} aria-hidden />}
            disabled={!canCommit || isIncomplete}
            loading={isPending}
            {...(formId === undefined ? { onClick: () => commit() } : { type: 'submit', form: formId })}
            {...(reason !== null && { 'aria-describedby': reasonId })}
          >
            {label}
          </WaitingButton>
          {reason !== null && proposeButton}
        </span>
      )}
    </div>
  )
}

/** Whether the table differs from the reviewed one. */
export function isConflict(error: Error | null): boolean {
  return error instanceof AppError && (error.code === 'commit-conflict' || error.code === 'version-conflict')
}

/** The outcome of a commit with a lost answer, and what to do. */
function describeOutcome({ state, lookError }: CommitOutcome, subject: string): { outcome?: string; next?: string } {
  const named = subject.replace(/^The /, 'the ')
  const nothingSent = 'Nothing is sent again. You can leave this open, or look at the history later.'
  switch (state) {
    case 'known':
      return {}
    case 'looking':
      return {
        outcome:
          lookError === null
            ? `Lakeshore is looking whether ${named} was changed.`
            : `Whether ${named} was changed cannot be looked up now: ${lookError.message}`,
        next: nothingSent,
      }
    case 'pending':
      return { outcome: `The catalog has not shown yet whether ${named} was changed.`, next: nothingSent }
    case 'not-committed':
      return { outcome: `Lakeshore has looked: ${named} was not changed.`, next: 'You can commit it again.' }
  }
}
