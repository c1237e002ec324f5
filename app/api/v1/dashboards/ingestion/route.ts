import { getIngestion } from '@/lib/contract/dashboards'
import { serve } from '@/server/http/serve'
import { ingestion } from '@/server/metrics/ingestion'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(getIngestion, ({ by, catalog, namespace, ...span }, { actor, signal, requestId }) =>
  ingestion(actor, { by, scope: { catalog, namespace }, span }, { signal, requestId, nowMs: Date.now() }),
)
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
