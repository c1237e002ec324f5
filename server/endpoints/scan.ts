import 'server-only'
import { scanTable } from '@/lib/contract/scan'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { loadTableOrExplain } from '@/server/table/load-table'
import { buildScanPlan } from '@/server/table/scan-plan'

export function scanEndpoints(services: Services) {
  return [
    serve(services, scanTable, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await loadTableOrExplain(catalog, input, actor, signal)
      return await buildScanPlan(services, table, asOfFromInput(input), {
        store: table.store,
        userId: actor.userId,
        nowMs: services.database.nowMs(),
        signal,
      })
    }),
  ]
}
