'use client'
import { IconProgress } from '@tabler/icons-react'
import Link from 'next/link'
import { useRunningCount } from '@/lib/client/jobs'
import { formatCount } from '@/lib/format/count'
import { paths } from '@/lib/paths'
import classes from './running-jobs.module.css'

/** How many jobs run now, which is the way to them. Nothing is drawn while none does. */
export function RunningJobs() {
  const { count = 0, isStale } = useRunningCount()
  if (count === 0) return null
  return (
    <Link
      href={paths.jobs()}
      className={classes.running}
      prefetch={false}
      title={isStale ? 'as last read; the server does not answer now' : 'Jobs that run now'}
      data-stale={isStale || undefined}
    >
      <IconProgress size={16} stroke={1.6} aria-hidden />
      {formatCount(count)} running
    </Link>
  )
}

/** The same on the way to the jobs, where the top bar has no room for it. */
export function RunningJobsBadge() {
  const { count = 0 } = useRunningCount()
  if (count === 0) return null
  return (
    <span className={classes.badge}>
      {formatCount(count)}
      <span className="sr-only"> running</span>
    </span>
  )
}
