'use client'
import type { CompletedAction } from '@/components/changes/commit/action-notice'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { type CommittedIntents, useKeyedCommit } from '@/components/changes/commit/use-keyed-commit'
import { useShownTable } from '@/components/table/frame/shown-table'
import { usePublish } from '@/lib/client/table/publications'
import { publicationParts } from './publication-review'
import { usePublicationReview } from './use-publication-review'

type PublishPanelProps = { snapshotId: string; onClose: () => void; onDone: (done: CompletedAction) => void }

/** Previews fast-forwarding `main` to audited commits. The button works while all checks have passed. */
export function PublishPanel({ snapshotId, onClose, onDone }: PublishPanelProps) {
  const { table } = useShownTable()
  const publish = usePublish(table)
  const review = usePublicationReview(table, snapshotId, publish)
  const { publication, branch, impact, isReady } = review
  const request = { snapshotId, branch, mainSnapshotId: impact?.fromSnapshotId ?? '' }
  const title = branch ?? (publication?.wapId ? `staged ${publication.wapId}` : snapshotId)
  const write = useKeyedCommit<typeof request, CommittedIntents>(table, [request], publish, ({ auditId }) =>
    onDone({ auditId, canUndo: false, undoneInHistory: true, message: `${title} was published.` }),
  )
  return (
    <ActionPanel
      title={`Publish ${title}`}
      entry={table}
      {...publicationParts(snapshotId, review)}
      write={write}
      action={
        publication && impact
          ? {
              proposed: { kind: 'publish', snapshotId, branch },
              label: 'Publish',
              subject: 'main',
              fits: isReady,
              commit: () => write.send(request),
            }
          : null
      }
      onClose={onClose}
      onProposed={(proposal) => onDone({ proposal })}
    />
  )
}
