import 'server-only'
import { getHome } from '@/lib/contract/home'
import { serve } from '@/server/http/serve'
import { home } from '@/server/metrics/home'

export const homeEndpoints = [
  serve(getHome, (span, { actor, signal, requestId }) => home(actor, span, { signal, requestId, nowMs: Date.now() })),
]
