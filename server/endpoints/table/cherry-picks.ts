import 'server-only'
import { commitCherryPick, reviewCherryPick } from '@/lib/contract/table/cherry-picks'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { cherryPickAction } from '@/server/changes/actions/cherry-pick'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { answerReview } from '@/server/changes/pipeline/review-action'

export function cherryPickEndpoints(services: Services) {
  return [
    serve(services, reviewCherryPick, ({ snapshotId, branch, ...on }, context) =>
      answerReview(services, cherryPickAction, { on, input: { snapshotId, branch } }, context),
    ),
    serve(
      services,
      commitCherryPick,
      async ({ catalog, namespace, table: name, idempotencyKey, ...input }, context) => {
        const on = { catalog, namespace, table: name }
        const committed = await carryOut(services, cherryPickAction, { on, input }, { ...context, idempotencyKey })
        const { auditId, table, snapshotId } = committed
        return { auditId, metadataLocation: table.metadataLocation, snapshotId }
      },
    ),
  ]
}
