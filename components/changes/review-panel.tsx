'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconGitCommit, IconLock, IconShieldCheck, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SidePanel } from '@/components/ui/side-panel'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { changeReviewQuery, useCommitChanges } from '@/lib/client/changes'
import { useHasPermission } from '@/lib/client/session/permissions'
import { intentSentence, intentTarget } from '@/lib/iceberg/intents/intent'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { ConflictChoice } from './conflict-choice'
import { ConflictTable } from './conflict-table'
import type { PendingChanges } from '@/lib/client/pending-changes'
import { ProposeForm } from './propose-form'
import { ReviewedChanges, ReviewResult } from './review-result'
import classes from './review-panel.module.css'
import { useCommitOff } from './use-commit-off'
import { isOutcomeKnown, useIdempotencyKey } from './use-idempotency-key'

type ReviewPanelProps = {
  table: TableIdentifier
  pending: PendingChanges
  onClose: () => void
  /** `summary`: what was committed, in words. */
  onCommitted: (auditId: string, summary: string) => void
  onProposed: (proposal: { proposalId: string; title: string }) => void
}

/** The pending changes in words and as the exact request, their conflicts, and *Commit* and *Propose*. */
export function ReviewPanel({ table, pending, onClose, onCommitted, onProposed }: ReviewPanelProps) {
  const { intents } = pending
  const review = useQuery(changeReviewQuery(table, intents))
  const commit = useCommitChanges(table)
  const canPropose = useHasPermission('table:propose', table) === true
  const commitOff = useCommitOff(table)
  const commitOffId = useId()
  const [isProposing, setProposing] = useState(false)
  // One key for one reviewed commit: sent again after a lost answer, it is carried out once.
  const [idempotencyKey, renewKey] = useIdempotencyKey(intents)
  const conflicts = review.data?.conflicts ?? []
  const problem = review.data?.problem ?? null
  const fits = review.isSuccess && conflicts.length === 0 && problem === null
  const canCommit = fits && commitOff.isKnown && commitOff.reason === null
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const submit = (confirmedName?: string) =>
    commit.mutate(
      { intents, confirmedName, idempotencyKey },
      {
        onSuccess: ({ auditId }) => onCommitted(auditId, intents.map(intentSentence).join(' · ')),
        // What was refused for sure can be sent again; an unknown outcome keeps its key.
        onError: (error) => {
          if (isOutcomeKnown(error)) renewKey()
          commitOff.lookAgain()
        },
      },
    )
  const proposeButton = canPropose && (
    <Button
      variant={commitOff.reason === null ? 'default' : 'filled'}
      disabled={!fits || commit.isPending}
      onClick={() => setProposing(true)}
    >
      Propose…
    </Button>
  )
  const footer =
    isProposing && fits ? (
      <ProposeForm table={table} intents={intents} onCancel={() => setProposing(false)} onProposed={onProposed} />
    ) : (
      <div className={classes.foot}>
        {commitOff.reason !== null ? (
          <p className={classes.off} id={commitOffId}>
            <IconLock size={14} stroke={1.6} aria-hidden />
            {commitOff.reason}
          </p>
        ) : (
          canCommit && (
            <span className={classes.safe}>
              <IconShieldCheck size={15} stroke={1.6} aria-hidden />
              The table has not changed since you started.
            </span>
          )
        )}
        {canCommit && review.data.needsConfirmation ? (
          <>
            {proposeButton}
            <DangerConfirm
              name={name}
              action="Commit"
              isPending={commit.isPending}
              onCancel={onClose}
              onConfirm={() => submit(name)}
            />
          </>
        ) : (
          <span className={classes.buttons}>
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            {commitOff.reason === null && proposeButton}
            <WaitingButton
              leftSection={<IconGitCommit size={15} stroke={1.6} aria-hidden />}
              disabled={!canCommit}
              loading={commit.isPending}
              onClick={() => submit()}
              {...(commitOff.reason !== null && { 'aria-describedby': commitOffId })}
            >
              Commit
            </WaitingButton>
            {commitOff.reason !== null && proposeButton}
          </span>
        )}
      </div>
    )
  return (
    <SidePanel
      title={`Review ${formatQuantity(intents.length, 'change')}`}
      subtitle={commitOff.reason === null ? 'one commit' : 'one proposal'}
      width={468}
      onClose={onClose}
      takesFocus
      footer={footer}
    >
      <div className={classes.body}>
        {commit.error && <ProblemNote error={commit.error} subject={name} unchanged="The table was not changed." />}
        <ReviewedChanges
          intents={intents}
          problem={problem}
          action={(intent) => (
            <ActionIcon
              aria-label={`Discard: ${intentSentence(intent)}`}
              onClick={() => pending.drop(intentTarget(intent))}
              size={24}
            >
              <IconX size={13} stroke={1.6} aria-hidden />
            </ActionIcon>
          )}
        />
        <ReviewResult
          review={review}
          name={name}
          changeCount={intents.length}
          conflicts={
            conflicts.length > 0 && (
              <ConflictTable
                conflicts={conflicts}
                intents={intents}
                wantedBy="Yours"
                advice={`Another client changed ${conflicts.length === 1 ? 'this' : 'these'} after you started.`}
                choice={(intent, conflict) => <ConflictChoice {...{ intent, conflict, pending }} />}
              />
            )
          }
        />
      </div>
    </SidePanel>
  )
}
