import 'server-only'
import { readTableGrowth } from '@/lib/contract/facts/growth'
import { serve } from '@/server/http/serve'
import { readCatalogReadings } from '@/server/metrics/facts/catalogs-behind'
import { readGrowth } from '@/server/metrics/facts/read-growth'
import type { Services } from '@/server/services'

export function tableGrowthEndpoints(services: Services) {
  return [
    serve(services, readTableGrowth, async ({ range, ...table }, { actor }) => {
      const { behind } = await readCatalogReadings(services, actor, table)
      return { ...(await readGrowth(services.database, table, range)), behind }
    }),
  ]
}
