'use client'
import { CommitFooter } from '@/components/changes/commit-footer'
import { useIdempotencyKey } from '@/components/changes/use-idempotency-key'
import { isOutcomeKnown } from '@/lib/client/call/idempotency-key'
import type { CompletedRefChange } from '@/components/snapshots/refs/completed-ref-change'
import classes from '@/components/snapshots/refs/ref-move-panel.module.css'
import { useShownTable } from '@/components/tables/shown-table'
import { SidePanel } from '@/components/ui/side-panel'
import { usePublish } from '@/lib/client/table/publications'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { PublicationReview } from './publication-review'
import { usePublicationReview } from './use-publication-review'

type PublishPanelProps = { snapshotId: string; onClose: () => void; onDone: (done: CompletedRefChange) => void }

/** What fast-forwarding `main` to audited commits brings, and the button that does it while all checks have passed. */
export function PublishPanel({ snapshotId, onClose, onDone }: PublishPanelProps) {
  const { table } = useShownTable()
  const publish = usePublish(table)
  const isDone = publish.isPending || publish.isSuccess
  const review = usePublicationReview(table, snapshotId, !isDone)
  const { publication, branch, impact, error, isReady } = review
  const request = { snapshotId, branch, mainSnapshotId: impact?.fromSnapshotId ?? '' }
  const [idempotencyKey, renewKey] = useIdempotencyKey([request])
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const title = branch ?? (publication?.wapId ? `staged ${publication.wapId}` : snapshotId)
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
          <CommitFooter
            table={table}
            proposed={{ intents: [], action: { kind: 'publish', snapshotId, branch } }}
            permission="table:maintain"
            action="Publish"
            subject="main"
            fits={isReady}
            needsConfirmation={false}
            isPending={publish.isPending}
            error={publish.error}
            onClose={onClose}
            onCommit={confirm}
            onProposed={(proposal) => onDone({ proposal })}
          />
        )
      }
    >
      <div className={classes.body}>
        <PublicationReview snapshotId={snapshotId} review={review} name={name} />
      </div>
    </SidePanel>
  )
}
