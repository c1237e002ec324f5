'use client'
import { CommitFooter } from '@/components/changes/commit-footer'
import { type CommittedIntents, useKeyedCommit, isReviewable } from '@/components/changes/use-keyed-commit'
import type { CompletedRefChange } from '@/components/table/refs/completed-ref-change'
import classes from '@/components/table/refs/ref-move-panel.module.css'
import { useShownTable } from '@/components/table/frame/shown-table'
import { SidePanel } from '@/components/ui/side-panel'
import { usePublish } from '@/lib/client/table/publications'
import { namespaceLabel } from '@/lib/names/identifiers'
import { PublicationReview } from './publication-review'
import { usePublicationReview } from './use-publication-review'

type PublishPanelProps = { snapshotId: string; onClose: () => void; onDone: (done: CompletedRefChange) => void }

/** Previews fast-forwarding `main` to audited commits. The button works while all checks have passed. */
export function PublishPanel({ snapshotId, onClose, onDone }: PublishPanelProps) {
  const { table } = useShownTable()
  const publish = usePublish(table)
  const review = usePublicationReview(table, snapshotId, isReviewable(publish))
  const { publication, branch, impact, error, isReady } = review
  const request = { snapshotId, branch, mainSnapshotId: impact?.fromSnapshotId ?? '' }
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const title = branch ?? (publication?.wapId ? `staged ${publication.wapId}` : snapshotId)
  const keyed = useKeyedCommit<typeof request, CommittedIntents>(table, [request], publish, ({ auditId }) =>
    onDone({ auditId, canUndo: false, message: `${title} was published.` }),
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
            proposed={{ kind: 'publish', snapshotId, branch }}
            permission="table:maintain"
            action="Publish"
            subject="main"
            fits={isReady}
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
        <PublicationReview snapshotId={snapshotId} review={review} name={name} />
      </div>
    </SidePanel>
  )
}
