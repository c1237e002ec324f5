import { setSchedule } from '@/lib/contract/jobs'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'
import { changeSchedule, wireSchedule } from '@/server/jobs/change-schedule'

export const PUT = serve(setSchedule, async ({ schedule: id, ...change }, { actor, requestId }) => ({
  schedule: await wireSchedule(await changeSchedule(id, change, { actor, requestId })),
}))
export const { GET, POST, PATCH, DELETE, OPTIONS } = wrongMethod('PUT')
