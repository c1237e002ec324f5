import 'server-only'
import { getColumnStorage } from '@/lib/contract/compression'
import { serve } from '@/server/http/serve'
import { readColumnStorage } from '@/server/metrics/columns/column-storage'
import type { Services } from '@/server/services'

export function compressionEndpoints(services: Services) {
  return [
    serve(services, getColumnStorage, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      return readColumnStorage(services, table, { signal, nowMs: services.database.nowMs() })
    }),
  ]
}
