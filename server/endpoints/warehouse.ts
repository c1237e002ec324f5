import 'server-only'
import { listWarehouse } from '@/lib/contract/warehouse'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { readWarehousePage } from '@/server/table/objects/warehouse-page'

export function warehouseEndpoints(services: Services) {
  return [
    serve(services, listWarehouse, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      return readWarehousePage(catalog, actor, { folder: input.folder, pageToken: input.pageToken, signal })
    }),
  ]
}
