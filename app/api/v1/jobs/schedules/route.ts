import { listSchedules } from '@/lib/contract/jobs'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'
import { readableSchedules, wireSchedules } from '@/server/jobs/change-schedule'

export const GET = serve(listSchedules, async (_input, { actor }) => ({
  schedules: await wireSchedules(await readableSchedules(actor)),
}))
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
