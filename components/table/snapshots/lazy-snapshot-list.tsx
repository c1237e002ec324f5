'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'

/** The server renders the list; its code follows the code of the page. */
export const LazySnapshotList = lazyComponent(async () => (await import('./snapshot-list')).SnapshotList, {
  loading: () => <SkeletonRows rows={12} columns={5} label="Reading snapshots" />,
  isServerRendered: true,
})
