import 'server-only'
import { readTableGrowth } from '@/lib/contract/facts/growth'
import { serve } from '@/server/http/serve'
import { readGrowth } from '@/server/metrics/facts/read-growth'
import type { Services } from '@/server/services'

export function tableGrowthEndpoints(services: Services) {
  return [serve(services, readTableGrowth, ({ range, ...table }) => readGrowth(services.database, table, range))]
}
