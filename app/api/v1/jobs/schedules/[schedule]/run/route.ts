import { runSchedule } from '@/lib/contract/jobs'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'
import { runScheduleNow } from '@/server/jobs/change-schedule'
import { wireRun } from '@/server/jobs/run-view'

export const POST = serve(runSchedule, async ({ schedule }, { actor, requestId }) => ({
  run: await wireRun(await runScheduleNow(schedule, { actor, requestId }), actor),
}))
export const { GET, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('POST')
