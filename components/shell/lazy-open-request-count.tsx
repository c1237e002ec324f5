'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'

/** Loaded after the page: most pages have no open requests, and most users see none. */
export const LazyOpenRequestCount = lazyComponent(async () => (await import('./open-request-count')).OpenRequestCount)
