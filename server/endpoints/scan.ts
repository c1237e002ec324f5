import 'server-only'
import { scanTable } from '@/lib/contract/scan'
import { asOfFromInput } from '@/lib/contract/wire'
import { openCatalog } from '@/server/catalog/open-catalog'
import { openDatabase } from '@/server/db/open-database'
import { serve } from '@/server/http/serve'
import { scanOf } from '@/server/table/scan'

export const scanEndpoints = [
  serve(scanTable, async (input, { actor, signal }) => {
    const catalog = await openCatalog(input.catalog, actor)
    const table = await catalog.loadTable(input, { signal })
    return await scanOf(table, asOfFromInput(input), {
      store: table.store,
      userId: actor.userId,
      nowMs: openDatabase().nowMs(),
      signal,
    })
  }),
]
