import { listTableSummaries } from '@/lib/contract/namespaces'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { tableSummaries } from '@/server/metrics/table-summary'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(listTableSummaries, async ({ catalog, namespace, offset }, { actor, signal, requestId }) =>
  tableSummaries(await openCatalog(catalog, actor), namespace, offset ?? 0, { signal, requestId, nowMs: Date.now() }),
)
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
