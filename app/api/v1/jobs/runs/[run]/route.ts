import { getRun } from '@/lib/contract/jobs'
import { readLog } from '@/server/db/run-logs'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'
import { readableRun, wireRun } from '@/server/jobs/run-view'

const MOST_LINES = 500

export const GET = serve(getRun, async ({ run: id, after }, { actor }) => ({
  run: wireRun(readableRun(id, actor), actor),
  lines: readLog(id, after ?? 0, MOST_LINES),
}))
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
