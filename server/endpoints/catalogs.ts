import 'server-only'
import { listCatalogs } from '@/lib/contract/catalogs'
import { serve } from '@/server/http/serve'
import { listCatalogEntries } from '@/server/metrics/lake/catalog-entries'
import type { Services } from '@/server/services'

export function catalogEndpoints(services: Services) {
  return [
    serve(services, listCatalogs, async ({ namesOnly }, { actor, signal, requestId }) => ({
      catalogs: await listCatalogEntries(services, actor, { signal, requestId, hasContents: namesOnly === undefined }),
    })),
  ]
}
