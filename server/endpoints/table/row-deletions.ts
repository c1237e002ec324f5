import 'server-only'
import { reviewRowDeletion, startRowDeletion } from '@/lib/contract/table/row-deletions'
import { deleteRowsAction } from '@/server/changes/actions/delete-rows'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { answerReview } from '@/server/changes/pipeline/review-action'
import { serve } from '@/server/http/serve'
import { buildWireRun } from '@/server/jobs/run-view'
import type { Services } from '@/server/services'

export function rowDeletionEndpoints(services: Services) {
  return [
    serve(services, reviewRowDeletion, async ({ where, branch = null, ...on }, context) => {
      // Each reads data files.
      const release = await services.previews.acquireSoon(context.actor.userId, context.signal)
      try {
        return await answerReview(services, deleteRowsAction, { on, input: { where, branch } }, context)
      } finally {
        release()
      }
    }),
    serve(
      services,
      startRowDeletion,
      async ({ where, branch = null, idempotencyKey, confirmedName, ...on }, context) => {
        const requested = { on, input: { where, branch } }
        const { run } = await carryOut(services, deleteRowsAction, requested, {
          ...context,
          idempotencyKey,
          confirmedName,
        })
        return { run: await buildWireRun(services.database, run, context.actor) }
      },
    ),
  ]
}
