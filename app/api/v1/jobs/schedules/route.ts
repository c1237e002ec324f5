import { listSchedules } from '@/lib/contract/jobs'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'
import { readableSchedules, wireSchedule } from '@/server/jobs/change-schedule'

export const GET = serve(listSchedules, async (_input, { actor }) => {
  const nowMs = Date.now()
  return { schedules: readableSchedules(actor).map((schedule) => wireSchedule(schedule, nowMs)) }
})
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
