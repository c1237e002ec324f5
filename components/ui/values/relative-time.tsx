'use client'
import { formatRelativeTime, formatTimeTitle } from '@/lib/format/time'
import { useNow } from './use-now'
import { useTimeZone } from './use-time-zone'

/** How long ago, updated while it is shown. The title has the exact time, time zone and epoch milliseconds. */
export function RelativeTime({ atMs }: { atMs: number }) {
  const nowMs = useNow()
  const timeZone = useTimeZone()
  return (
    <time
      dateTime={new Date(atMs).toISOString()}
      title={formatTimeTitle(atMs, timeZone)}
      style={{ whiteSpace: 'nowrap' }}
      suppressHydrationWarning
    >
      {formatRelativeTime(atMs, nowMs, timeZone)}
    </time>
  )
}
