import { lazyComponent } from '@/components/ui/controls/lazy-component'

/** For the frame of every page: most names have no mark. */
export const LazyMarkIcon = lazyComponent(async () => (await import('./mark-icon')).MarkIcon, {
  isServerRendered: true,
})
