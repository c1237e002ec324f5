import { retryRun } from '@/lib/contract/jobs'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'
import * as work from '@/server/jobs/change-run'
import { wireRun } from '@/server/jobs/run-view'

export const POST = serve(retryRun, async ({ run }, { actor, requestId }) => ({
  run: await wireRun(await work.retryRun(run, { actor, requestId }), actor),
}))
export const { GET, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('POST')
