import { lazyComponent } from '@/components/ui/controls/lazy-component'

/** For the frame of every page: most names have no badge. */
export const LazyBadgeIcon = lazyComponent(async () => (await import('./badge-icon')).BadgeIcon, {
  isServerRendered: true,
})
