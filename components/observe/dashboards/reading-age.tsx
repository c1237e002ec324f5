import { RelativeTime } from '@/components/ui/values/relative-time'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { CatalogBehind } from '@/lib/contract/shapes/lake'
import { formatDay, formatTimeOfDay, startOfDay } from '@/lib/format/time'

/** Up to when figures are complete: `, read 9 s ago`. */
export function ReadingAge({
  data: { behind, completeAtMs },
}: {
  data: { behind: readonly CatalogBehind[]; completeAtMs: number | null }
}) {
  const nowMs = useNow()
  const timeZone = useTimeZone()
  if (completeAtMs === null) return null
  const stopped = behind.find(({ reason }) => reason === 'stopped')
  if (stopped?.completeAtMs == null)
    return (
      <>
        , read <RelativeTime atMs={completeAtMs} />
      </>
    )
  const isToday = startOfDay(stopped.completeAtMs, timeZone) === startOfDay(nowMs, timeZone)
  const day = isToday ? '' : `${formatDay(stopped.completeAtMs, timeZone)} `
  return (
    <span suppressHydrationWarning>
      ; the worker has not read since {day}
      {formatTimeOfDay(stopped.completeAtMs, timeZone)}
    </span>
  )
}
