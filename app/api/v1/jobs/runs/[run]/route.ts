import { getRun } from '@/lib/contract/jobs'
import { openDatabase } from '@/server/db/open-database'
import { readLog } from '@/server/db/run-logs'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'
import { readableRun, wireRun } from '@/server/jobs/run-view'

const MAX_LINES = 500

export const GET = serve(getRun, async ({ run: id, after }, { actor }) => ({
  run: await wireRun(await readableRun(id, actor), actor),
  lines: await readLog(openDatabase(), id, after ?? 0, MAX_LINES),
}))
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
