'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import classes from './favourite-button.module.css'

/** The star next to the name of a page. It does not belong to the first view, so its code follows it. */
export const LazyFavouriteButton = lazyComponent(async () => (await import('./favourite-button')).FavouriteButton, {
  loading: () => <span className={classes.space} />,
})

/** The star of a table or a view, whose page is also recorded as visited. */
export const LazyEntryStar = lazyComponent(async () => (await import('./entry-star')).EntryStar, {
  loading: () => <span className={classes.space} />,
})
