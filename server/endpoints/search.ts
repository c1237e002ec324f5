import 'server-only'
import { searchLake } from '@/lib/contract/search'
import { serve } from '@/server/http/serve'
import { walkLake } from '@/server/metrics/lake/lake-walk'
import { searchHits } from '@/server/metrics/lake/search'
import type { Services } from '@/server/services'

export function searchEndpoints(services: Services) {
  return [
    serve(services, searchLake, async ({ words }, { actor, signal, requestId }) => {
      const lake = await walkLake(services, actor, { signal, requestId, withViews: true })
      return { ...searchHits(lake, words), unreachable: lake.unreachable }
    }),
  ]
}
