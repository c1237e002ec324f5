'use client'
import { formatExactTime, formatTimeTitle } from '@/lib/format/time'
import { useTimeZone } from './use-time-zone'

/** A time to the second with its offset from UTC, in the chosen time zone, which the title names. */
export function ExactTime({ atMs }: { atMs: number }) {
  const timeZone = useTimeZone()
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatTimeTitle(atMs, timeZone)}>
      {formatExactTime(atMs, timeZone)}
    </time>
  )
}
