'use client'
import { IconChecks, IconGitBranch, IconShieldCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { CommitRequest } from '@/components/changes/commit-request'
import { isOutcomeKnown, useIdempotencyKey } from '@/components/changes/use-idempotency-key'
import type { CompletedRefChange } from '@/components/snapshots/completed-ref-change'
import { ImpactIds } from '@/components/snapshots/impact-review'
import { ImpactTable } from '@/components/snapshots/impact-table'
import impactClasses from '@/components/snapshots/impact-review.module.css'
import { RefCommitFooter } from '@/components/snapshots/ref-commit-footer'
import classes from '@/components/snapshots/ref-move-panel.module.css'
import { useShownTable } from '@/components/tables/shown-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { SidePanel } from '@/components/ui/side-panel'
import { retryFetch } from '@/lib/client/call/retry'
import { publicationsQuery, usePublish } from '@/lib/client/publications'
import { refMoveQuery } from '@/lib/client/refs'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { CheckLine } from './check-state'
import { RecentReaders } from './recent-readers'

type PublishPanelProps = { snapshotId: string; onClose: () => void; onDone: (done: CompletedRefChange) => void }

/** What fast-forwarding `main` to audited commits brings, and the button that does it while all checks have passed. */
export function PublishPanel({ snapshotId, onClose, onDone }: PublishPanelProps) {
  const { table } = useShownTable()
  const publish = usePublish(table)
  const isDone = publish.isPending || publish.isSuccess
  const list = useQuery({ ...publicationsQuery(table, snapshotId), enabled: !isDone })
  const publication = list.data?.publications[0]
  const branch = publication?.branch ?? null
  const move = useQuery({
    ...refMoveQuery(table, 'main', branch === null ? { snapshotId } : { ref: branch }, null),
    // During and after the publication there is nothing to preview.
    enabled: !isDone && publication !== undefined,
  })
  const impact = move.data?.impact
  const request = { snapshotId, branch, mainSnapshotId: impact?.fromSnapshotId ?? '' }
  const [idempotencyKey, renewKey] = useIdempotencyKey([request])
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const title = branch ?? (publication?.wapId ? `staged ${publication.wapId}` : snapshotId)
  const error = list.error ?? move.error
  const isReady = publication?.refusal === null && impact?.toSnapshotId === snapshotId
  const confirm = () =>
    publish.mutate(
      { ...request, idempotencyKey },
      {
        onSuccess: ({ auditId }) => onDone({ auditId, canUndo: false, message: `${title} was published.` }),
        // What was refused for sure can be sent again; an unknown outcome keeps its key.
        onError: (problem) => isOutcomeKnown(problem) && renewKey(),
      },
    )
  return (
    <SidePanel
      title={`Publish ${title}`}
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        publication &&
        impact &&
        !error && (
          <RefCommitFooter
            name={name}
            refName="main"
            action="Publish"
            needsConfirmation={false}
            isPending={publish.isPending}
            error={publish.error}
            isDisabled={!isReady}
            onCancel={onClose}
            onConfirm={confirm}
          />
        )
      }
    >
      <div className={classes.body}>
        {(list.isPending || (publication && move.isPending)) && !error && (
          <SkeletonRows rows={6} columns={4} label="Comparing the two snapshots" />
        )}
        {error && (
          <ProblemNote
            error={error}
            subject={name}
            onRetry={() => retryFetch(list.error ? list.refetch : move.refetch)}
          />
        )}
        {list.data && !publication && !isDone && (
          <EmptyState>Nothing is to be published at snapshot {snapshotId}: main has it, or it is gone.</EmptyState>
        )}
        {publication && impact && !error && (
          <>
            <ImpactIds impact={impact} />
            <ImpactTable impact={impact} gained="Added" />
            <ul className={impactClasses.sentences}>
              <li>
                <IconGitBranch size={16} stroke={1.6} aria-hidden />
                <span>
                  <strong>main</strong> moves forward {formatQuantity(impact.stepCountForward, 'snapshot')}.
                  {branch !== null && ` ${branch} stays where it is.`}
                </span>
              </li>
              <li>
                <IconChecks size={16} stroke={1.6} aria-hidden />
                <span>{checksSentence(publication.checks)}</span>
              </li>
              <RecentReaders />
              <li>
                <IconShieldCheck size={16} stroke={1.6} aria-hidden />
                <span>
                  Will be rejected if <strong>main</strong>
                  {branch !== null && (
                    <>
                      {' '}
                      or <strong>{branch}</strong>
                    </>
                  )}{' '}
                  has moved, or a check is added or changed. You can undo it under History.
                </span>
              </li>
            </ul>
            {publication.checks.map((check) => (
              <CheckLine key={check.name} check={check} />
            ))}
            <CommitRequest {...impact.request} />
          </>
        )}
      </div>
    </SidePanel>
  )
}

function checksSentence(checks: readonly { state: string }[]): string {
  if (checks.length === 0) return 'The table has no saved checks, so nothing was audited.'
  const missing = checks.filter(({ state }) => state !== 'passed').length
  return missing === 0
    ? `${formatQuantity(checks.length, 'check')} passed on exactly this snapshot. The entry in History names them.`
    : `${missing} of ${formatQuantity(checks.length, 'check')} did not pass on exactly this snapshot.`
}
