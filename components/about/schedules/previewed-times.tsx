'use client'
import { useQuery } from '@tanstack/react-query'
import { useSettled } from '@/components/ui/use-settled'
import { nextTimesQuery } from '@/lib/client/jobs/runs'
import { UpcomingTimes } from './schedule-table'

/** The next times of a cron expression that a user is typing, or why it has none. */
export function PreviewedTimes({ cron, timeZone }: { cron: string; timeZone: string }) {
  const settled = useSettled({ cron, timeZone })
  const { data, error } = useQuery({ ...nextTimesQuery(settled), enabled: settled.timeZone !== '' })
  if (error)
    return (
      <p className="bare warn" role="alert">
        {error.message}
      </p>
    )
  return (
    <div className="secondary dense">
      Next: {data === undefined ? '…' : data.length === 0 ? 'never' : <UpcomingTimes atMs={data} />}
    </div>
  )
}
