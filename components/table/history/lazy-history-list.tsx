'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'

/** The server renders the history; its code follows the code of the page. */
export const LazyHistoryList = lazyComponent(async () => (await import('./history-list')).HistoryList, {
  loading: () => <SkeletonRows rows={12} columns={4} label="Loading the history" />,
  isServerRendered: true,
})
