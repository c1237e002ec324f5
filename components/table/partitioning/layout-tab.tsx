'use client'
import { useShownTable } from '@/components/table/frame/shown-table'
import { ProposalHint } from '@/components/table/frame/proposal-hint'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { PageFooter } from '@/components/ui/page-footer'
import { formatQuantity } from '@/lib/format/count'
import classes from './layout-tab.module.css'

const LazyTableLayout = lazyComponent(async () => (await import('./table-layout')).TableLayout, {
  loading: () => <SkeletonRows rows={12} columns={5} label="Reading the layout" />,
})

/** Partition spec and sort order, their effect on the table, and the effect of others. */
export function LayoutTab() {
  const { detail } = useShownTable()
  const canEdit = useCanEdit()
  const { isOffered: canChange, reason } = canEdit
  return (
    <>
      <div className={classes.tab}>
        <LazyTableLayout />
      </div>
      <PageFooter>
        <span>{detail.partitionedBy === '' ? 'unpartitioned' : `partitioned by ${detail.partitionedBy}`}</span>
        <span>{detail.sortedBy === '' ? 'unsorted' : `sorted by ${detail.sortedBy}`}</span>
        {detail.figures?.dataFileCount != null && (
          <span>{formatQuantity(detail.figures.dataFileCount, 'data file')}</span>
        )}
        {canChange === false && (
          <span className="quiet">{reason ?? 'Read only. You need the editor role to change the layout.'}</span>
        )}
        <ProposalHint canEdit={canEdit} />
      </PageFooter>
    </>
  )
}
