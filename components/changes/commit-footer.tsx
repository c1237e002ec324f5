'use client'
import { Button } from '@mantine/core'
import { IconGitCommit, IconLock, IconShieldCheck } from '@tabler/icons-react'
import { useEffect, useId, useState } from 'react'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useHasPermission } from '@/lib/client/session/permissions'
import { entryOf, type ProposalTarget } from '@/lib/client/table/proposals'
import { AppError } from '@/lib/errors'
import { entryKind, entryLabel, toResource } from '@/lib/names/identifiers'
import type { Permission } from '@/lib/permissions'
import classes from './commit-footer.module.css'
import { ProposeForm } from './propose-form'
import { type CommitOutcome, KNOWN_OUTCOME } from './use-keyed-commit'
import { useCommitBlocker } from './use-commit-blocker'

export type NewProposal = { proposalId: string; title: string }

/** `proposed` holds the same changes, for another user to commit instead. */
type CommitFooterProps = ProposalTarget & {
  /** The permission that the commit needs. */
  permission?: Permission
  /** The label of the commit. */
  action?: string
  /** The object that a failure leaves unchanged. */
  subject?: string
  /** Whether it can be committed or proposed in its current form. */
  fits: boolean
  /** Whether it can be proposed at all. */
  isProposable?: boolean
  /** Why this user cannot commit it, in addition to the usual reasons; null: they can. */
  commitProblem?: string | null
  /** Whether something that only the commit needs is still missing. */
  isIncomplete?: boolean
  needsConfirmation: boolean
  isPending: boolean
  error: Error | null
  /** The outcome of a commit with a lost answer, for panels that look it up. */
  outcome?: CommitOutcome
  /** Why the commit is safe, in one sentence. */
  safe?: string
  closeLabel?: 'Close' | 'Cancel' | 'Discard changes'
  /** Whether there is anything to close or discard. */
  canClose?: boolean
  onClose: () => void
  onCommit: (confirmedName?: string) => void
  onProposed: (proposal: NewProposal) => void
}

/**
 * The end of every review of a change: *Commit*, after the name of the table was typed if snapshots are lost, and
 * *Propose…*. Where the user may not commit, or a policy demands a second person, it says so, and *Propose…* comes first.
 */
export function CommitFooter(props: CommitFooterProps) {
  const target = toTarget(props)
  const entry = entryOf(target)
  const kind = entryKind(entry)
  const { permission = 'table:write', action = 'Commit', subject = `The ${kind}`, fits } = props
  const { isIncomplete = false, needsConfirmation, isPending, error, safe, closeLabel = 'Cancel' } = props
  const { isProposable = true, canClose = true, commitProblem = null, onClose, onCommit, onProposed } = props
  const { outcome = KNOWN_OUTCOME } = props
  const isOpen = outcome.state === 'looking' || outcome.state === 'open'
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
  const canCommit = fits && isKnown && reason === null && !isOpen
  if (isProposing && fits)
    return <ProposeForm target={target} onCancel={() => setProposing(false)} onProposed={onProposed} />
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
    <div className={classes.foot}>
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
      {reason !== null ? (
        <p className={classes.off} id={reasonId}>
          <IconLock size={14} stroke={1.6} aria-hidden />
          {reason}
        </p>
      ) : (
        canCommit &&
        safe !== undefined && (
          <span className={classes.safe}>
            <IconShieldCheck size={15} stroke={1.6} aria-hidden />
            {safe}
          </span>
        )
      )}
      {canCommit && needsConfirmation ? (
        <div className={classes.confirm}>
          <DangerConfirm
            name={name}
            action={action}
            isPending={isPending}
            isDisabled={isIncomplete}
            conflict={isConflict(error) ? error : null}
            onCancel={onClose}
            onConfirm={() => onCommit(name)}
            otherWay={proposeButton}
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
            onClick={() => onCommit()}
            {...(reason !== null && { 'aria-describedby': reasonId })}
          >
            {action}
          </WaitingButton>
          {reason !== null && proposeButton}
        </span>
      )}
    </div>
  )
}

/** Without the rest of the props. */
function toTarget(props: ProposalTarget): ProposalTarget {
  if ('table' in props) return { table: props.table, proposed: props.proposed }
  return 'view' in props
    ? { view: props.view, proposed: props.proposed }
    : { namespace: props.namespace, proposed: props.proposed }
}

/** Whether the table differs from the reviewed one. */
function isConflict(error: Error | null): boolean {
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
    case 'open':
      return { outcome: `The catalog has not shown yet whether ${named} was changed.`, next: nothingSent }
    case 'not-made':
      return { outcome: `Lakeshore has looked: ${named} was not changed.`, next: 'You can commit it again.' }
  }
}
