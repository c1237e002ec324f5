import 'server-only'
import { getCompression, getIngestion } from '@/lib/contract/dashboards'
import { serve } from '@/server/http/serve'
import { readCompression } from '@/server/metrics/facts/compression/compression'
import { readIngestion } from '@/server/metrics/facts/ingestion'
import type { Services } from '@/server/services'
import { clock } from '@/server/timing/clock'

export function dashboardEndpoints(services: Services) {
  return [
    serve(services, getCompression, ({ catalog, namespace, ...times }, { actor }) =>
      readCompression(services, actor, { ...times, scope: { catalog, namespace } }, { nowMs: clock.nowMs() }),
    ),
    serve(services, getIngestion, ({ catalog, namespace, ...request }, { actor }) =>
      readIngestion(services, actor, { ...request, scope: { catalog, namespace } }, { nowMs: clock.nowMs() }),
    ),
  ]
}
