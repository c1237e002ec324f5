import 'server-only'
import { compareSnapshots, listDifferingFiles } from '@/lib/contract/table/comparison'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { loadTableOrExplain } from '@/server/table/load-table'
import { mayReadAs } from '@/server/table/hidden-names'
import { buildComparison, listDifferingFilePage } from '@/server/table/scan/comparison'
import { openScan } from '@/server/table/scan/open-scan'

export function comparisonEndpoints(services: Services) {
  return [
    serve(services, compareSnapshots, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await loadTableOrExplain(catalog, input, actor, signal)
      const sides = { before: asOfFromInput(input.before), after: asOfFromInput(input.after) }
      return await buildComparison(services, table, sides, {
        userId: actor.userId,
        where: input.where,
        mayRead: mayReadAs(actor),
        signal,
      })
    }),
    serve(services, listDifferingFiles, async ({ token, other, ...page }, context) => {
      const [scan, otherScan] = [await openScan(services, token, context), await openScan(services, other, context)]
      return listDifferingFilePage(scan, otherScan, page, context.signal)
    }),
  ]
}
