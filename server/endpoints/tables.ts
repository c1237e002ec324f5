import 'server-only'
import type { Services } from '@/server/services'
import { getTable } from '@/lib/contract/tables'
import { asOfFromInput } from '@/lib/contract/wire'
import { serve } from '@/server/http/serve'
import { catalogAccess } from '@/server/table/catalog-access'
import { describeTable } from '@/server/table/describe'

export function tableEndpoints(services: Services) {
  return [
    serve(services, getTable, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const [table, abilities] = await Promise.all([
        catalog.loadTable(input, { signal }),
        catalog.abilities({ signal }),
      ])
      return {
        catalogKind: catalog.kind,
        abilities: [...abilities],
        catalogAccess: catalogAccess(services.config, catalog, table.metadata.location),
        ...describeTable(services.keys, table, asOfFromInput(input)),
      }
    }),
  ]
}
