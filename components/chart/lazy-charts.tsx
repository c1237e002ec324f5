'use client'
import type { ComponentProps } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import classes from './chart.module.css'
import type { StackedBars } from './stacked-bars'
import type { TimeLines } from './time-lines'

/**
 * Charts load the chart library when the first of them is shown, not with the page. Until then an area of the same
 * height takes their place, so that the content below does not move.
 */

const DrawnStackedBars = lazyComponent(async () => (await import('./stacked-bars')).StackedBars, { loading: Waiting })

const DrawnTimeLines = lazyComponent(async () => (await import('./time-lines')).TimeLines, { loading: Waiting })

export function LazyStackedBars(props: ComponentProps<typeof StackedBars> & { height: number }) {
  return (
    <div style={{ height: props.height }}>
      <DrawnStackedBars {...props} />
    </div>
  )
}

export function LazyTimeLines(props: ComponentProps<typeof TimeLines> & { height: number }) {
  return (
    <div style={{ height: props.height }}>
      <DrawnTimeLines {...props} />
    </div>
  )
}

function Waiting() {
  return <div className={classes.waiting} role="status" aria-label="Loading the chart" />
}
