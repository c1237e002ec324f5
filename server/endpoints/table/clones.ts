import 'server-only'
import { reviewClone, startClone } from '@/lib/contract/table/clones'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { requirePermission } from '@/server/auth/actor'
import { serve } from '@/server/http/serve'
import { buildWireRun } from '@/server/jobs/run-view'
import * as review from '@/server/maintenance/clone-table/clone-review'
import { queueClone } from '@/server/maintenance/clone-table/clone-task'
import type { Services } from '@/server/services'

export function cloneEndpoints(services: Services) {
  const { catalogs, database } = services
  return [
    serve(services, reviewClone, async (input, context) => {
      const { catalog, namespace, table, toCatalog, toNamespace, toTable, location } = input
      return review.reviewClone(
        services,
        { catalog, namespace, table },
        {
          asOf: asOfFromInput(input),
          target: { catalog: toCatalog, namespace: toNamespace, table: toTable },
          location,
        },
        context,
      )
    }),
    serve(services, startClone, async (input, { actor, requestId, signal }) => {
      const { catalog, namespace, table, toCatalog, toNamespace, toTable, location, ...kept } = input
      const target = { catalog: toCatalog, namespace: toNamespace, table: toTable }
      requirePermission(actor, 'table:write', target, { isNew: true })
      const source = { catalog, namespace, table }
      const { metadata } = await (await catalogs.open(catalog, actor)).loadTable(source, { signal })
      const spec = { ...kept, source, sourceTableUuid: metadata.tableUuid, location: location ?? null }
      const run = await queueClone(database, target, spec, { actor, requestId })
      return { run: await buildWireRun(database, run, actor) }
    }),
  ]
}
