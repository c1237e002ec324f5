'use client'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { uncheckedMoveWarnings } from '@/lib/changes/edits/unchecked-move'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CommitFooter } from '@/components/changes/commit-footer'
import { type CommittedIntents, useKeyedCommit, isReviewable } from '@/components/changes/use-keyed-commit'
import { BranchChoice } from '@/components/table/refs/branch-choice'
import type { CompletedRefChange } from '@/components/table/refs/completed-ref-change'
import classes from '@/components/table/refs/ref-move-panel.module.css'
import { useShownTable } from '@/components/table/frame/shown-table'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { SidePanel } from '@/components/ui/side-panel'
import { retryFetch } from '@/lib/client/call/retry'
import { cherryPickQuery, useCherryPick } from '@/lib/client/table/cherry-picks'
import { AppError } from '@/lib/errors'
import { namespaceLabel } from '@/lib/names/identifiers'
import { PickReview } from './pick-review'
import { useUnknownAncestry } from './use-unknown-ancestry'

type CherryPickPanelProps = { snapshotId: string; onClose: () => void; onDone: (done: CompletedRefChange) => void }

/** Previews picking a snapshot onto a branch. */
export function CherryPickPanel({ snapshotId, onClose, onDone }: CherryPickPanelProps) {
  const { table, detail } = useShownTable()
  const [branch, setBranch] = useState('main')
  const commit = useCherryPick(table)
  const review = useQuery({
    ...cherryPickQuery(table, snapshotId, branch),
    // During and after the commit the branch has the changes.
    enabled: isReviewable(commit),
  })
  const { data } = review
  const ancestry = useUnknownAncestry(data)
  const request = {
    snapshotId,
    branch,
    tipSnapshotId: data?.tip?.snapshotId ?? null,
    ...(ancestry.isConfirmed && { allowsUnknownAncestry: true }),
  }
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const keyed = useKeyedCommit<typeof request, CommittedIntents>(table, [request], commit, ({ auditId }) =>
    onDone({ auditId, canUndo: false, message: `Snapshot ${snapshotId} was cherry-picked onto ${branch}.` }),
  )
  return (
    <SidePanel
      title={`Cherry-pick onto ${branch}`}
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        data &&
        !review.error && (
          <CommitFooter
            table={table}
            proposed={{ kind: 'cherry-pick', snapshotId, branch }}
            permission="table:maintain"
            action="Cherry-pick"
            subject={branch}
            fits
            isIncomplete={ancestry.isMissing}
            needsConfirmation={false}
            isPending={keyed.isPending}
            error={keyed.error}
            outcome={keyed.outcome}
            onClose={onClose}
            onCommit={() => keyed.send(request)}
            onProposed={(proposal) => onDone({ proposal })}
          />
        )
      }
    >
      <div className={classes.body}>
        <BranchChoice refs={detail.refs} branch={branch} onChange={setBranch} />
        {review.isPending && <SkeletonRows rows={6} columns={4} label="Reading the changes of the snapshot" />}
        {review.error && (
          <ProblemNote
            error={review.error}
            subject={name}
            {...(isMissingSnapshot(review.error)
              ? {
                  title: 'No such snapshot',
                  next: 'It may have expired, or the address is wrong. Choose a snapshot from the list.',
                  back: { label: 'Back to the snapshots', onBack: onClose },
                }
              : { onRetry: () => retryFetch(review.refetch) })}
          />
        )}
        {data &&
          !review.error &&
          uncheckedMoveWarnings(detail.properties, { refName: branch }).map((warning) => (
            <WarningNote key={warning}>{warning}</WarningNote>
          ))}
        {data && !review.error && <PickReview review={data} ancestry={ancestry} />}
      </div>
    </SidePanel>
  )
}

function isMissingSnapshot(error: Error): boolean {
  return error instanceof AppError && error.code === 'not-found' && error.facts['snapshotId'] !== undefined
}
