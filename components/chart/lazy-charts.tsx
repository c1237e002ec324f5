'use client'
import dynamic from 'next/dynamic'
import classes from './chart.module.css'

/** Charts load the chart library when the first of them is shown, not with the page. */

export const LazyStackedBars = dynamic(() => import('./stacked-bars').then((module) => module.StackedBars), {
  ssr: false,
  loading: () => (
    <div className={classes.waiting} style={{ height: 200 }} role="status" aria-label="Loading the chart" />
  ),
})

export const LazyTimeLines = dynamic(() => import('./time-lines').then((module) => module.TimeLines), {
  ssr: false,
  loading: () => (
    <div className={classes.waiting} style={{ height: 200 }} role="status" aria-label="Loading the chart" />
  ),
})
