'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconGitCommit, IconShieldCheck, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SidePanel } from '@/components/ui/side-panel'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { changeReviewQuery, useCommitChanges } from '@/lib/client/changes'
import { type Intent, intentSentence, intentTarget } from '@/lib/iceberg/intents/intent'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { retryFetch } from '@/lib/client/call/retry'
import { ChangeList } from './change-list'
import { CommitTabs } from './commit-tabs'
import { ConflictTable } from './conflict-table'
import type { PendingChanges } from '@/lib/client/pending-changes'
import classes from './review-panel.module.css'
import { isOutcomeKnown, useIdempotencyKey } from './use-idempotency-key'

type ReviewPanelProps = {
  table: TableIdentifier
  pending: PendingChanges
  onClose: () => void
  /** `summary`: what was committed, in words. */
  onCommitted: (auditId: string, summary: string) => void
}

/** The pending changes in words and as the exact request, their conflicts, and *Commit*. */
export function ReviewPanel({ table, pending, onClose, onCommitted }: ReviewPanelProps) {
  const { intents } = pending
  const review = useQuery(changeReviewQuery(table, intents))
  const commit = useCommitChanges(table)
  // One key for one reviewed commit: sent again after a lost answer, it is carried out once.
  const [idempotencyKey, renewKey] = useIdempotencyKey(intents)
  const conflicts = review.data?.conflicts ?? []
  const problem = review.data?.problem ?? null
  const warnings = review.data?.warnings ?? []
  const needsConfirmation = review.data?.needsConfirmation ?? false
  const canCommit = review.isSuccess && conflicts.length === 0 && problem === null
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const submit = (confirmedName?: string) =>
    commit.mutate(
      { intents, confirmedName, idempotencyKey },
      {
        onSuccess: ({ auditId }) => onCommitted(auditId, intents.map(intentSentence).join(' · ')),
        // What was refused for sure can be sent again; an unknown outcome keeps its key.
        onError: (error) => isOutcomeKnown(error) && renewKey(),
      },
    )
  return (
    <SidePanel
      title={`Review ${formatQuantity(intents.length, 'change')}`}
      subtitle="one commit"
      width={468}
      onClose={onClose}
      takesFocus
      footer={
        <div className={classes.foot}>
          {canCommit && (
            <span className={classes.safe}>
              <IconShieldCheck size={15} stroke={1.6} aria-hidden />
              The table has not changed since you started.
            </span>
          )}
          {canCommit && needsConfirmation ? (
            <DangerConfirm
              name={name}
              action="Commit"
              isPending={commit.isPending}
              onCancel={onClose}
              onConfirm={() => submit(name)}
            />
          ) : (
            <span className={classes.buttons}>
              <Button variant="default" onClick={onClose}>
                Close
              </Button>
              <WaitingButton
                leftSection={<IconGitCommit size={15} stroke={1.6} aria-hidden />}
                disabled={!canCommit}
                loading={commit.isPending}
                onClick={() => submit()}
              >
                Commit
              </WaitingButton>
            </span>
          )}
        </div>
      }
    >
      <div className={classes.body}>
        {commit.error && <ProblemNote error={commit.error} subject={name} unchanged="The table was not changed." />}
        <section>
          <h3 className={classes.heading}>Changes</h3>
          <ChangeList
            intents={intents}
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
          {problem && (
            <p className={classes.problem} role="alert">
              {problemSubject(intents[problem.index])} {problem.message}
            </p>
          )}
        </section>
        {warnings.length > 0 && (
          <WarningNote>
            {warnings.length === 1 ? (
              warnings[0]
            ) : (
              <ul className={classes.warnings}>
                {warnings.map((warning) => (
                  <li key={warning}>{warning}</li>
                ))}
              </ul>
            )}
          </WarningNote>
        )}
        {review.isPending && <SkeletonRows rows={6} columns={1} label="Preparing the commit" />}
        {review.error && <ProblemNote error={review.error} subject={name} onRetry={() => retryFetch(review.refetch)} />}
        {conflicts.length > 0 && <ConflictTable conflicts={conflicts} pending={pending} />}
        {review.data?.request && review.data.scripts && (
          <CommitTabs request={review.data.request} scripts={review.data.scripts} changeCount={intents.length} />
        )}
      </div>
    </SidePanel>
  )
}

function problemSubject(intent: Intent | undefined): string {
  return intent === undefined ? '' : `${intentSentence(intent)}:`
}
