'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'

/** The list of files comes later than the page anyway. */
export const LazyWrittenCodecs = lazyComponent(async () => (await import('./written-codecs')).WrittenCodecs, {
  loading: () => <SkeletonRows rows={1} columns={1} label="Reading files" />,
})

/** The same in one line, for a toolbar. */
export const LazyWrittenShares = lazyComponent(async () => (await import('./written-codecs')).WrittenShares)
