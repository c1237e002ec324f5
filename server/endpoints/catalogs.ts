import 'server-only'
import { listCatalogs } from '@/lib/contract/catalogs'
import { serve } from '@/server/http/serve'
import { catalogEntries } from '@/server/metrics/catalog-entries'

export const catalogEndpoints = [
  serve(listCatalogs, async ({ asking }, { actor, signal, requestId }) => ({
    catalogs: await catalogEntries(actor, { signal, requestId, isAsked: asking !== 'none' }),
  })),
]
