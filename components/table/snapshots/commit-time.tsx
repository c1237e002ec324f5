'use client'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { formatRelativeTime, formatRelativeTimeWithSeconds, formatTimeTitle } from '@/lib/format/time'

/**
 * How long ago a snapshot was committed, with the time to the second if a snapshot next to it in the list would read
 * the same.
 *
 * @param props.neighboursMs when the snapshots above and below it were committed
 */
export function CommitTime({ atMs, neighboursMs }: { atMs: number; neighboursMs: readonly number[] }) {
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const text = formatRelativeTime(atMs, nowMs, timeZone)
  const isShared = neighboursMs.some((otherMs) => formatRelativeTime(otherMs, nowMs, timeZone) === text)
  return (
    <time
      dateTime={new Date(atMs).toISOString()}
      title={formatTimeTitle(atMs, timeZone)}
      style={{ whiteSpace: 'nowrap' }}
      suppressHydrationWarning
    >
      {isShared ? formatRelativeTimeWithSeconds(atMs, nowMs, timeZone) : text}
    </time>
  )
}
