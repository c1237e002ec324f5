import { getHome } from '@/lib/contract/home'
import { serve } from '@/server/http/serve'
import { home } from '@/server/metrics/home'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(getHome, (span, { actor, signal, requestId }) =>
  home(actor, span, { signal, requestId, nowMs: Date.now() }),
)
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
