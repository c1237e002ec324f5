import 'server-only'
import { getCompression, getIngestion } from '@/lib/contract/dashboards'
import { serve } from '@/server/http/serve'
import { compression } from '@/server/metrics/compression'
import { ingestion } from '@/server/metrics/ingestion'

export const dashboardEndpoints = [
  serve(getCompression, ({ catalog, namespace, ...span }, { actor, signal, requestId }) =>
    compression(actor, { scope: { catalog, namespace }, span }, { signal, requestId, nowMs: Date.now() }),
  ),
  serve(getIngestion, ({ by, catalog, namespace, ...span }, { actor, signal, requestId }) =>
    ingestion(actor, { by, scope: { catalog, namespace }, span }, { signal, requestId, nowMs: Date.now() }),
  ),
]
