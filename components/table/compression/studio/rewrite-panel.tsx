'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { CommitFooter, type NewProposal } from '@/components/changes/commit-footer'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { rewritePreviewQuery, useStartRewrite } from '@/lib/client/table/rewrites'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/names/identifiers'
import classes from './rewrite-panel.module.css'
import { RewriteReview } from './rewrite-review'

type RewritePanelProps = {
  hasPendingChanges: boolean
  onClose: () => void
  onProposed: (proposal: NewProposal) => void
}

/** Previews a rewrite before it is queued or proposed. */
export function RewritePanel({ hasPendingChanges, onClose, onProposed }: RewritePanelProps) {
  const { table, detail } = useShownTable()
  const preview = useQuery(rewritePreviewQuery(table, detail.metadataLocation))
  const start = useStartRewrite(table)
  const { data } = preview
  const count = data ? Math.min(data.differingFileCount, data.maxFilesPerRun) : 0
  return (
    <SidePanel
      title="Rewrite existing files"
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        data &&
        (count > 0 ? (
          <CommitFooter
            table={table}
            proposed={{ kind: 'rewrite-files' }}
            action={`Rewrite ${formatQuantity(count, 'file')}`}
            fits
            needsConfirmation={false}
            isPending={start.isPending}
            error={start.error}
            onClose={onClose}
            onCommit={() => start.mutate(undefined, { onSuccess: onClose })}
            onProposed={onProposed}
          />
        ) : (
          <div className="columns gap-8 to-end">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
          </div>
        ))
      }
    >
      <div className={classes.body}>
        <Unloaded
          query={preview}
          subject={`${namespaceLabel(table.namespace)}.${table.table}`}
          skeleton={[6, 2, 'Reading footers of data files']}
        />
        {hasPendingChanges && (
          <WarningNote>
            Pending changes are not part of this. Commit them first if files should be rewritten with them.
          </WarningNote>
        )}
        {data && <RewriteReview preview={data} />}
      </div>
    </SidePanel>
  )
}
