'use client'
import { IconColumns3, IconGitBranch, IconCherry, IconTag } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { isOutcomeKnown, useIdempotencyKey } from '@/components/changes/use-idempotency-key'
import { BranchChoice } from '@/components/snapshots/branch-choice'
import type { CompletedRefChange } from '@/components/snapshots/completed-ref-change'
import { GuardSentence } from '@/components/snapshots/guard-sentence'
import { refNames } from '@/components/snapshots/impact-review'
import impactClasses from '@/components/snapshots/impact-review.module.css'
import { ImpactTable } from '@/components/snapshots/impact-table'
import { RefCommitFooter } from '@/components/snapshots/ref-commit-footer'
import classes from '@/components/snapshots/ref-move-panel.module.css'
import { useShownTable } from '@/components/tables/shown-table'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { SidePanel } from '@/components/ui/side-panel'
import { ExactTime } from '@/components/ui/values/exact-time'
import { retryFetch } from '@/lib/client/call/retry'
import { cherryPickQuery, useCherryPick } from '@/lib/client/cherry-picks'
import type { CherryPickReview } from '@/lib/contract/cherry-picks'
import { AppError } from '@/lib/errors'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { RecentReaders } from './recent-readers'

type CherryPickPanelProps = { snapshotId: string; onClose: () => void; onDone: (done: CompletedRefChange) => void }

/** What picking a snapshot onto a branch changes, before it is committed. */
export function CherryPickPanel({ snapshotId, onClose, onDone }: CherryPickPanelProps) {
  const { table, detail } = useShownTable()
  const [branch, setBranch] = useState('main')
  const commit = useCherryPick(table)
  const review = useQuery({
    ...cherryPickQuery(table, snapshotId, branch),
    // During and after the commit the branch has the changes.
    enabled: !commit.isPending && !commit.isSuccess,
  })
  const { data } = review
  const request = { snapshotId, branch, tipSnapshotId: data?.tip?.snapshotId ?? null }
  const [idempotencyKey, renewKey] = useIdempotencyKey([request])
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const confirm = () =>
    commit.mutate(
      { ...request, idempotencyKey },
      {
        onSuccess: ({ auditId }) =>
          onDone({ auditId, canUndo: false, message: `Snapshot ${snapshotId} was cherry-picked onto ${branch}.` }),
        // What was refused for sure can be sent again; an unknown outcome keeps its key.
        onError: (error) => isOutcomeKnown(error) && renewKey(),
      },
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
          <RefCommitFooter
            name={name}
            refName={branch}
            action="Cherry-pick"
            needsConfirmation={false}
            isPending={commit.isPending}
            error={commit.error}
            isDisabled={false}
            onCancel={onClose}
            onConfirm={confirm}
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
        {data && !review.error && (
          <>
            <dl className={impactClasses.ids}>
              <dt>picked</dt>
              <dd>
                <code>{data.snapshotId}</code> <ExactTime atMs={data.committedAtMs} />
              </dd>
              <dt>onto</dt>
              <dd>
                {data.tip === null ? (
                  'no snapshot yet'
                ) : (
                  <>
                    <code>{data.tip.snapshotId}</code> <ExactTime atMs={data.tip.committedAtMs} />
                  </>
                )}
              </dd>
            </dl>
            <ImpactTable impact={data} gained="Added" />
            <PickSentences review={data} />
            <CommitTabs request={data.request ?? REPLAY_REQUEST} scripts={data.scripts} changeCount={1} />
          </>
        )}
      </div>
    </SidePanel>
  )
}

function isMissingSnapshot(error: Error): boolean {
  return error instanceof AppError && error.code === 'not-found' && error.facts['snapshotId'] !== undefined
}

const REPLAY_REQUEST =
  'The snapshot gets its id and its manifest list when it is committed: add-snapshot and set-snapshot-ref, guarded by assert-ref-snapshot-id.'

function PickSentences({ review }: { review: CherryPickReview }) {
  const { branch, kind, wapId, snapshotId, columnsThenNull, otherRefs } = review
  return (
    <ul className={impactClasses.sentences}>
      <li>
        <IconCherry size={16} stroke={1.6} aria-hidden />
        <span>
          {kind === 'fast-forward' ? (
            <>
              The snapshot follows the tip of <strong>{branch}</strong>, so <strong>{branch}</strong> moves to it and
              nothing is written.
            </>
          ) : (
            <>
              <strong>{branch}</strong> gets its changes as a new snapshot with the same data files. Its summary names{' '}
              <code>{snapshotId}</code>, so that the changes cannot be picked twice.
            </>
          )}
        </span>
      </li>
      {wapId !== null && (
        <li>
          <IconTag size={16} stroke={1.6} aria-hidden />
          <span>
            Staged as <code>{wapId}</code>.
            {kind === 'replay' && ' Checks that passed on it say nothing about the rows that the branch got since.'}
          </span>
        </li>
      )}
      {columnsThenNull.length > 0 && (
        <li>
          <IconColumns3 size={16} stroke={1.6} aria-hidden />
          <span>
            The snapshot was written without <code>{columnsThenNull.join(', ')}</code>. Its rows read null there.
          </span>
        </li>
      )}
      {otherRefs.length > 0 && (
        <li>
          <IconGitBranch size={16} stroke={1.6} aria-hidden />
          <span>
            {refNames(otherRefs)} {otherRefs.length === 1 ? 'does not move.' : 'do not move.'}
          </span>
        </li>
      )}
      <RecentReaders />
      <GuardSentence refName={branch} />
    </ul>
  )
}
