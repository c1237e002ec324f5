'use client'
import { useQuery } from '@tanstack/react-query'
import { schedulesQuery } from '@/lib/client/jobs/runs'

/** The name of a schedule, or that it was removed. */
export function ScheduleName({ id }: { id: string }) {
  const { data: schedules } = useQuery(schedulesQuery())
  const schedule = schedules?.find((one) => one.id === id)
  if (schedule) return schedule.owner === null ? schedule.title : `${schedule.title}, of ${schedule.owner}`
  return <span className="secondary">{schedules === undefined ? id : 'removed, or not yours to see'}</span>
}
