import 'server-only'
import { listWarehouse } from '@/lib/contract/warehouse'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { readWarehousePage } from '@/server/table/objects/warehouse-page'

export function warehouseEndpoints(services: Services) {
  return [
    serve(services, listWarehouse, async ({ catalog, ...request }, { actor, signal }) =>
      readWarehousePage(await services.catalogs.open(catalog, actor), actor, { ...request, signal }),
    ),
  ]
}
