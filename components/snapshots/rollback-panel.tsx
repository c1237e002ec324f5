'use client'
import { useQuery } from '@tanstack/react-query'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SidePanel } from '@/components/ui/side-panel'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { rollbackImpactQuery, useRollBack } from '@/lib/client/snapshots'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { retryFetch } from '@/lib/client/call/retry'
import { snapshotIdProblem } from '@/lib/paths'
import { ImpactReview, useSafetyTag } from './impact-review'
import classes from './rollback-panel.module.css'

type RollbackPanelProps = {
  table: TableIdentifier
  toSnapshotId: string
  onClose: () => void
  onDone: (auditId: string) => void
}

/** Shows the impact of rolling back `main`, offers a safety tag, and asks for the table's name before it commits. */
export function RollbackPanel({ table, toSnapshotId, onClose, onDone }: RollbackPanelProps) {
  const rollBack = useRollBack(table)
  const { draft, setDraft, safetyTag } = useSafetyTag('before-rollback')
  const targetProblem = snapshotIdProblem(toSnapshotId)
  const impact = useQuery({
    ...rollbackImpactQuery(table, toSnapshotId, safetyTag),
    // During and after the rollback its impact can no longer be computed.
    enabled: targetProblem === null && !rollBack.isPending && !rollBack.isSuccess,
  })
  const problem = targetProblem === null ? impact.error : new AppError('invalid-request', targetProblem)
  const isNoTarget = targetProblem !== null || isMissingSnapshot(impact.error)
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const confirm = (fromSnapshotId: string) =>
    rollBack.mutate(
      { fromSnapshotId, toSnapshotId, confirmedName: name, safetyTag },
      { onSuccess: ({ auditId }) => onDone(auditId) },
    )
  return (
    <SidePanel
      title="Roll back main"
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        impact.data && (
          <div className={classes.confirm}>
            {rollBack.error && <ProblemNote error={rollBack.error} subject={name} unchanged="main was not changed." />}
            <DangerConfirm
              name={name}
              action="Roll back"
              isPending={rollBack.isPending}
              onCancel={onClose}
              onConfirm={() => confirm(impact.data.fromSnapshotId)}
            />
          </div>
        )
      }
    >
      <div className={classes.body}>
        {impact.isPending && problem === null && (
          <SkeletonRows rows={6} columns={4} label="Comparing the two snapshots" />
        )}
        {problem && (
          <ProblemNote
            error={problem}
            subject={name}
            {...(isNoTarget
              ? {
                  title: 'No such snapshot',
                  next: 'It may have expired, or the address is wrong. Choose a snapshot from the list.',
                  back: { label: 'Back to the snapshots', onBack: onClose },
                }
              : { onRetry: () => retryFetch(impact.refetch) })}
          />
        )}
        {impact.data && <ImpactReview impact={impact.data} tag={draft} onTagChange={setDraft} />}
      </div>
    </SidePanel>
  )
}

/** Whether the table was found, but not the snapshot. */
function isMissingSnapshot(error: Error | null): boolean {
  return error instanceof AppError && error.code === 'not-found' && error.facts['snapshotId'] !== undefined
}
