'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'

/** The server renders the settings; the catalogue of properties follows the code of the page. */
export const LazyTableSettings = lazyComponent(async () => (await import('./table-settings')).TableSettings, {
  loading: () => <SkeletonRows rows={12} columns={4} label="Loading the settings" />,
  isServerRendered: true,
})
