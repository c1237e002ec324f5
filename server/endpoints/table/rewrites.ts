import 'server-only'
import { getRewrite, getRewritePreview, startRewrite } from '@/lib/contract/table/rewrites'
import { rewriteFilesAction } from '@/server/changes/actions/rewrite-files'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { answerReview } from '@/server/changes/pipeline/review-action'
import { serve } from '@/server/http/serve'
import { serveTable } from '@/server/http/serve-table'
import { buildWireRun } from '@/server/jobs/run-view'
import { readNewestRewrite } from '@/server/maintenance/rewrite-files/rewrite-task'
import type { Services } from '@/server/services'

export function rewriteEndpoints(services: Services) {
  const { database } = services
  return [
    serve(services, getRewritePreview, async (on, context) => {
      const review = await answerReview(services, rewriteFilesAction, { on, input: {} }, context)
      return 'problem' in review ? review : { ...review, storagePrice: services.config.storagePrice }
    }),
    serve(services, startRewrite, async (on, context) => {
      const { run } = await carryOut(services, rewriteFilesAction, { on, input: {} }, context)
      return { run: await buildWireRun(database, run, context.actor) }
    }),
    serveTable(services, getRewrite, async (table, _input, { actor }) => {
      const run = await readNewestRewrite(database, table)
      return { run: run && (await buildWireRun(database, run, actor)) }
    }),
  ]
}
