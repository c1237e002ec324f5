import { listCatalogs } from '@/lib/contract/catalogs'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'
import { catalogEntries } from '@/server/metrics/catalog-entries'

export const GET = serve(listCatalogs, async ({ asking }, { actor, signal, requestId }) => ({
  catalogs: await catalogEntries(actor, { signal, requestId, isAsked: asking !== 'none' }),
}))
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
