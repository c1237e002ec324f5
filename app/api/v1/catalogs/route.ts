import { listCatalogs } from '@/lib/contract/catalogs'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'
import { catalogEntries } from '@/server/metrics/catalog-entries'

export const GET = serve(listCatalogs, async (_, { actor, signal, requestId }) => ({
  catalogs: await catalogEntries(actor, { signal, requestId }),
}))
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
