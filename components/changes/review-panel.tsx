'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconGitCommit, IconShieldCheck, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SidePanel } from '@/components/ui/side-panel'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { changeReviewQuery, useCommitChanges } from '@/lib/client/changes'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { retryFetch } from '@/lib/client/call/retry'
import { ChangeDescription } from './change-description'
import { CommitRequest } from './commit-request'

import { ConflictTable } from './conflict-table'
import type { PendingChanges } from '@/lib/client/pending-changes'
import classes from './review-panel.module.css'

type ReviewPanelProps = {
  table: TableIdentifier
  pending: PendingChanges
  onClose: () => void
  onCommitted: (auditId: string) => void
}

/** The pending changes in words and as the exact request, their conflicts, and *Commit*. */
export function ReviewPanel({ table, pending, onClose, onCommitted }: ReviewPanelProps) {
  const { intents } = pending
  const review = useQuery(changeReviewQuery(table, intents))
  const commit = useCommitChanges(table)
  const conflicts = review.data?.conflicts ?? []
  const canCommit = review.isSuccess && conflicts.length === 0
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
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
          <span className={classes.buttons}>
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <WaitingButton
              leftSection={<IconGitCommit size={15} stroke={1.6} aria-hidden />}
              disabled={!canCommit}
              loading={commit.isPending}
              onClick={() => commit.mutate(intents, { onSuccess: ({ auditId }) => onCommitted(auditId) })}
            >
              Commit
            </WaitingButton>
          </span>
        </div>
      }
    >
      <div className={classes.body}>
        {commit.error && <ProblemNote error={commit.error} subject={name} unchanged="The table was not changed." />}
        <section>
          <h3 className={classes.heading}>Changes</h3>
          <ul className={classes.words}>
            {intents.map((intent) => (
              <li key={intent.key}>
                <ChangeDescription intent={intent} />
                <ActionIcon
                  aria-label={`Discard the change of ${intent.key}`}
                  onClick={() => pending.drop(intent.key)}
                  size={24}
                >
                  <IconX size={13} stroke={1.6} aria-hidden />
                </ActionIcon>
              </li>
            ))}
          </ul>
        </section>
        {review.isPending && <SkeletonRows rows={6} columns={1} label="Preparing the commit" />}
        {review.error && <ProblemNote error={review.error} subject={name} onRetry={() => retryFetch(review.refetch)} />}
        {conflicts.length > 0 && <ConflictTable conflicts={conflicts} pending={pending} />}
        {review.data && <CommitRequest path={review.data.requestPath} body={review.data.requestBody} />}
      </div>
    </SidePanel>
  )
}
