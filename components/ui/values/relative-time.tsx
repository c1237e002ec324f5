'use client'
import { formatRelativeTime, formatTimeTitle } from '@/lib/format/time'
import { useNow, zoneName } from './use-now'

/** How long ago, kept true while it is looked at; exact instant, zone and epoch milliseconds on hover. */
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
