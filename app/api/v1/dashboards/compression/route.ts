import { getCompression } from '@/lib/contract/dashboards'
import { serve } from '@/server/http/serve'
import { compression } from '@/server/metrics/compression'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(getCompression, ({ catalog, namespace, ...span }, { actor, signal, requestId }) =>
  compression(actor, { scope: { catalog, namespace }, span }, { signal, requestId, nowMs: Date.now() }),
)
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
