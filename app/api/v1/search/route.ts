import { searchLake } from '@/lib/contract/search'
import { serve } from '@/server/http/serve'
import { walkLake } from '@/server/metrics/lake-walk'
import { searchHits } from '@/server/metrics/search'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(searchLake, async ({ words }, { actor, signal }) =>
  searchHits(await walkLake(actor, { signal, withViews: true }), words),
)
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
