'use client'
import { useQuery } from '@tanstack/react-query'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { toScripts } from '@/components/tables/lifecycle/lifecycle-scripts'
import classes from '@/components/tables/lifecycle/lifecycle-panel.module.css'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { useLeadAway } from '@/components/ui/use-lead-away'
import { Facts } from '@/components/ui/values/facts'
import { retryFetch } from '@/lib/client/call/retry'
import { useDropView, viewDropReviewQuery } from '@/lib/client/lifecycle/views'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import type { ViewPanelProps } from './view-panel-props'

/** Drops the view, after it showed what goes, and the name was typed. */
export function DropViewPanel({ view, onClose }: ViewPanelProps) {
  const leadAway = useLeadAway()
  const drop = useDropView(view, () => leadAway(paths.namespace(view.catalog, view.namespace)))
  const review = useQuery({
    ...viewDropReviewQuery(view),
    // Afterwards there is nothing left to review.
    enabled: !drop.isPending && !drop.isSuccess,
  })
  const name = `${namespaceLabel(view.namespace)}.${view.view}`
  const shown = review.error ? null : (review.data ?? null)
  return (
    <SidePanel
      title="Drop view"
      subtitle="Nothing has changed yet"
      width={468}
      onClose={onClose}
      takesFocus
      footer={
        shown?.dropProblem === null && (
          <DangerConfirm
            name={name}
            action="Drop"
            isPending={drop.isPending}
            onCancel={onClose}
            onConfirm={() => drop.mutate({ metadataLocation: shown.metadataLocation, confirmedName: name })}
          />
        )
      }
    >
      <div className={classes.body}>
        {drop.error && <ProblemNote error={drop.error} subject={name} unchanged="The view was not dropped." />}
        {review.isPending && <SkeletonRows rows={4} columns={2} label="Reading what the view has" />}
        {review.error && <ProblemNote error={review.error} subject={name} onRetry={() => retryFetch(review.refetch)} />}
        {shown && (
          <>
            {shown.dropProblem !== null && <WarningNote>{shown.dropProblem}</WarningNote>}
            {shown.problem !== null && (
              <WarningNote>The metadata of the view cannot be read. {shown.problem}</WarningNote>
            )}
            <Facts
              isInSidePanel
              facts={[
                ['Versions', formatQuantity(shown.versionCount, 'version')],
                ['Dialects', shown.dialects.join(', ') || 'none'],
              ]}
            />
            <ul className={classes.sentences}>
              <li>No rows are removed: a view has none of its own.</li>
              <li>Queries, and views that read this one, will fail.</li>
              <li>
                {shown.canRestore
                  ? 'Its metadata files stay, so it can be restored at any time, from the menu of its namespace.'
                  : 'Its metadata files stay, so an engine can register it again from the last one.'}
              </li>
            </ul>
            <CommitTabs request={shown.request} scripts={toScripts(shown.statements)} changeCount={1} />
          </>
        )}
      </div>
    </SidePanel>
  )
}
