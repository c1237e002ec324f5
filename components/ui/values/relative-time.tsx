'use client'
import { formatRelativeTime, formatTimeTitle } from '@/lib/format/time'
import { useNow, zoneName } from './use-now'

/** How long ago, updated while it is shown. The title has the exact time, time zone and epoch milliseconds. */
export function RelativeTime({ atMs }: { atMs: number }) {
  const nowMs = useNow()
  return (
    <time
      dateTime={new Date(atMs).toISOString()}
      title={formatTimeTitle(atMs, zoneName())}
      style={{ whiteSpace: 'nowrap' }}
      suppressHydrationWarning
    >
      {formatRelativeTime(atMs, nowMs)}
    </time>
  )
}
