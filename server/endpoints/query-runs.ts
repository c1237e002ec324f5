import 'server-only'
import { getQueryServer, runQueryOnServer } from '@/lib/contract/query-runs'
import { createApiFetch } from '@/server/http/api-fetch'
import { serve } from '@/server/http/serve'
import { serveQuery } from '@/server/http/serve-query'
import type { Services } from '@/server/services'
import { queryReads } from './query-reads'

export function queryRunEndpoints(services: Services) {
  const { sqlEngine } = services
  return [
    serve(services, getQueryServer, async () => ({
      isEnabled: sqlEngine !== null,
      maxLoadBytes: sqlEngine?.capabilities.maxLoadBytes ?? 0,
      maxSeconds: sqlEngine?.capabilities.maxSeconds ?? 0,
    })),
    serveQuery(services, runQueryOnServer, createApiFetch(queryReads(services))),
  ]
}
