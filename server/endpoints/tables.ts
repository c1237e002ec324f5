import 'server-only'
import { getTable } from '@/lib/contract/tables'
import { asOfFromInput } from '@/lib/contract/wire'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { catalogAccess } from '@/server/table/catalog-access'
import { describeTable } from '@/server/table/describe'

export const tableEndpoints = [
  serve(getTable, async (input, { actor, signal }) => {
    const catalog = await openCatalog(input.catalog, actor)
    const [table, abilities] = await Promise.all([catalog.loadTable(input, { signal }), catalog.abilities({ signal })])
    return {
      catalogKind: catalog.kind,
      abilities: [...abilities],
      catalogAccess: catalogAccess(catalog, table.metadata.location),
      ...describeTable(table, asOfFromInput(input)),
    }
  }),
]
