'use client'
import { IconProgress } from '@tabler/icons-react'
import Link from 'next/link'
import { useRunningCount } from '@/lib/client/jobs/running-count'
import { formatCount } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { CountBadge } from './count-badge'
import classes from './running-jobs.module.css'

/** A link to the jobs with the number of running ones. Renders nothing without any. */
export function RunningJobs() {
  const { count = 0, isStale } = useRunningCount()
  if (count === 0) return null
  return (
    <Link
      href={paths.jobs()}
      className={classes.running}
      prefetch={false}
      title={isStale ? 'Last known count: the server does not answer' : 'Running jobs'}
      data-stale={isStale || undefined}
    >
      <IconProgress size={16} stroke={1.6} aria-hidden />
      {formatCount(count)} running
    </Link>
  )
}

/** The same count in the navigation, for when the top bar has no room. */
export function RunningJobsBadge() {
  const { count = 0 } = useRunningCount()
  if (count === 0) return null
  return <CountBadge count={count} label="running" className={classes.badge} />
}
