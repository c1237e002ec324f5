'use client'
import dynamic from 'next/dynamic'
import { loadCode } from '@/components/ui/controls/load-code'
import type { ComponentProps } from 'react'
import classes from './chart.module.css'
import type { StackedBars } from './stacked-bars'
import type { TimeLines } from './time-lines'

/**
 * Charts load the chart library when the first of them is shown, not with the page. Until then an area of the same
 * height is in their position, so that nothing below moves.
 */

const DynamicStackedBars = dynamic(
  () => loadCode(() => import('./stacked-bars')).then((module) => module.StackedBars),
  {
    ssr: false,
    loading: Waiting,
  },
)

const DynamicTimeLines = dynamic(() => loadCode(() => import('./time-lines')).then((module) => module.TimeLines), {
  ssr: false,
  loading: Waiting,
})

export function LazyStackedBars(props: ComponentProps<typeof StackedBars> & { height: number }) {
  return (
    <div style={{ height: props.height }}>
      <DynamicStackedBars {...props} />
    </div>
  )
}

export function LazyTimeLines(props: ComponentProps<typeof TimeLines> & { height: number }) {
  return (
    <div style={{ height: props.height }}>
      <DynamicTimeLines {...props} />
    </div>
  )
}

function Waiting() {
  return <div className={classes.waiting} role="status" aria-label="Loading the chart" />
}
