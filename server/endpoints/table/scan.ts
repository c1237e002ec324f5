import 'server-only'
import { readTableRows } from '@/lib/contract/table/rows'
import { getNullShares, listPlannedFiles, scanTable } from '@/lib/contract/table/scan'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { serve } from '@/server/http/serve'
import { serveRows } from '@/server/http/serve-rows'
import type { Services } from '@/server/services'
import { loadTableOrExplain } from '@/server/table/load-table'
import { readNullShares } from '@/server/table/scan/null-shares'
import { openScan } from '@/server/table/scan/open-scan'
import { listFilePage } from '@/server/table/scan/planned-files'
import { buildScanPlan } from '@/server/table/scan/scan-plan'

export function scanEndpoints(services: Services) {
  return [
    serveRows(services, readTableRows),
    serve(services, scanTable, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await loadTableOrExplain(catalog, input, actor, signal)
      return await buildScanPlan(services, table, asOfFromInput(input), {
        store: table.store,
        userId: actor.userId,
        nowMs: services.database.nowMs(),
        where: input.where,
        signal,
      })
    }),
    serve(services, listPlannedFiles, async ({ token, ...page }, context) =>
      listFilePage(await openScan(services, token, context), page),
    ),
    serve(services, getNullShares, async ({ token }, context) => ({
      nullShares: await readNullShares(await openScan(services, token, context), services.manifestCache.takeTurns),
    })),
  ]
}
