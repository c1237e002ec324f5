import 'server-only'
import { reviewClone, startClone } from '@/lib/contract/table/clones'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { cloneTableAction } from '@/server/changes/actions/clone-table'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { answerProblem } from '@/server/changes/pipeline/review-action'
import { serve } from '@/server/http/serve'
import { buildWireRun } from '@/server/jobs/run-view'
import * as review from '@/server/lifecycle/clone/clone-review'
import type { Services } from '@/server/services'

export function cloneEndpoints(services: Services) {
  return [
    serve(services, reviewClone, async (input, context) => {
      const { catalog, namespace, table, toCatalog, toNamespace, toTable, location } = input
      const { show } = await review.reviewClone(
        services,
        { catalog, namespace, table },
        {
          asOf: asOfFromInput(input),
          target: { catalog: toCatalog, namespace: toNamespace, table: toTable },
          location,
        },
        context,
      )
      return answerProblem(show)
    }),
    serve(services, startClone, async (input, context) => {
      const { catalog, namespace, table, toCatalog, toNamespace, toTable, location, idempotencyKey, ...choice } = input
      const target = { catalog: toCatalog, namespace: toNamespace, table: toTable }
      const requested = { ...choice, source: { catalog, namespace, table }, location: location ?? null }
      const request = { ...context, idempotencyKey }
      const { run } = await carryOut(services, cloneTableAction, { on: target, input: requested }, request)
      return { run: await buildWireRun(services.database, run, context.actor) }
    }),
  ]
}
