'use client'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { useReview } from '@/components/changes/action/use-review'
import type { NewProposal } from '@/components/changes/commit/propose-form'
import { useShownTable } from '@/components/table/frame/shown-table'
import { rewritePreviewQuery, useStartRewrite } from '@/lib/client/table/rewrites'
import { formatQuantity } from '@/lib/format/count'
import { rewriteParts } from './rewrite-review'

type RewritePanelProps = {
  hasPendingChanges: boolean
  onClose: () => void
  onProposed: (proposal: NewProposal) => void
}

const NOT_PART = 'Pending changes are not part of this. Commit them first if files should be rewritten with them.'

/** Previews a rewrite before it is queued or proposed. */
export function RewritePanel({ hasPendingChanges, onClose, onProposed }: RewritePanelProps) {
  const { table, detail } = useShownTable()
  const start = useStartRewrite(table)
  const { query, data } = useReview(rewritePreviewQuery(table, detail.metadataLocation), start)
  const count = data ? Math.min(data.differingFileCount, data.maxFilesPerRun) : 0
  return (
    <ActionPanel
      title="Rewrite existing files"
      entry={table}
      query={query}
      warnings={hasPendingChanges ? [NOT_PART] : []}
      {...rewriteParts(data)}
      write={start}
      action={
        data === undefined
          ? null
          : count === 0
            ? 'close'
            : {
                proposed: { kind: 'rewrite-files' },
                label: `Rewrite ${formatQuantity(count, 'file')}`,
                commit: () => start.mutate(undefined, { onSuccess: onClose }),
              }
      }
      onClose={onClose}
      onProposed={onProposed}
    />
  )
}
