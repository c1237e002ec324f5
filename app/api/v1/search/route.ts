import { searchLake } from '@/lib/contract/search'
import { serve } from '@/server/http/serve'
import { walkLake } from '@/server/metrics/lake-walk'
import { searchHits } from '@/server/metrics/search'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(searchLake, async ({ words }, { actor, signal, requestId }) => {
  const lake = await walkLake(actor, { signal, requestId, withViews: true })
  return { ...searchHits(lake, words), unreachable: lake.unreachable }
})
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
