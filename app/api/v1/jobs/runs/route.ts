import { listRuns } from '@/lib/contract/jobs'
import { openDatabase } from '@/server/db/open-database'
import { isWorkerAlive } from '@/server/db/workers'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'
import { readableSchedules } from '@/server/jobs/change-schedule'
import { knownKinds, runPage } from '@/server/jobs/run-view'

export const GET = serve(listRuns, async (input, { actor }) => ({
  ...(await runPage(input, actor)),
  kinds: await knownKinds((await readableSchedules(actor)).map(({ kind }) => kind)),
  isWorkerAlive: await isWorkerAlive(openDatabase()),
}))
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
