import { listNamespaces } from '@/lib/contract/namespaces'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { namespaceEntries } from '@/server/metrics/namespace-entries'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(listNamespaces, async ({ catalog, parent }, { actor, signal }) =>
  namespaceEntries(await openCatalog(catalog, actor), parent ?? null, { signal }),
)
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
