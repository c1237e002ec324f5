import 'server-only'
import { commitCherryPick, reviewCherryPick } from '@/lib/contract/table/cherry-picks'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import * as work from '@/server/changes/actions/cherry-pick'
import { showReview } from '@/server/changes/pipeline/review-action'

export function cherryPickEndpoints(services: Services) {
  return [
    serve(services, reviewCherryPick, ({ snapshotId, branch, ...on }, context) =>
      showReview(services, work.cherryPickAction, { on, input: { snapshotId, branch } }, context),
    ),
    serve(services, commitCherryPick, async ({ catalog, namespace, table: name, idempotencyKey, ...pick }, context) => {
      const identifier = { catalog, namespace, table: name }
      const committed = await work.commitCherryPick(services, identifier, pick, { ...context, idempotencyKey })
      const { auditId, table } = committed
      return { auditId, metadataLocation: table.metadataLocation, snapshotId: committed.snapshotId }
    }),
  ]
}
