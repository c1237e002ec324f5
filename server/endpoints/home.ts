import 'server-only'
import { getHome } from '@/lib/contract/home'
import { serve } from '@/server/http/serve'
import { readHome } from '@/server/metrics/dashboards/read-home'
import type { Services } from '@/server/services'
import { clock } from '@/server/timing/clock'

export function homeEndpoints(services: Services) {
  return [
    serve(services, getHome, (span, { actor, signal, requestId }) =>
      readHome(services, actor, span, { signal, requestId, nowMs: clock.nowMs() }),
    ),
  ]
}
