import 'server-only'
import { commitCherryPick, reviewCherryPick } from '@/lib/contract/table/cherry-picks'
import { serve } from '@/server/http/serve'
import { serveTable } from '@/server/http/serve-table'
import type { Services } from '@/server/services'
import * as work from '@/server/changes/actions/cherry-pick'

export function cherryPickEndpoints(services: Services) {
  return [
    serveTable(services, reviewCherryPick, async (table, { snapshotId, branch }, { catalog, signal }) =>
      work.reviewCherryPick(services.manifestCache, table, { snapshotId, branch }, { catalog, signal }),
    ),
    serve(services, commitCherryPick, async ({ catalog, namespace, table: name, idempotencyKey, ...pick }, context) => {
      const identifier = { catalog, namespace, table: name }
      const committed = await work.commitCherryPick(services, identifier, pick, { ...context, idempotencyKey })
      const { auditId, table } = committed
      return { auditId, metadataLocation: table.metadataLocation, snapshotId: committed.snapshotId }
    }),
  ]
}
