import 'server-only'
import { getQueryServer, runQueryOnServer } from '@/lib/contract/query-runs'
import { createApiFetch } from '@/server/http/api-fetch'
import { serve } from '@/server/http/serve'
import { serveQuery } from '@/server/http/serve-query'
import { maxLoadBytes } from '@/server/query/run-query'
import type { Services } from '@/server/services'
import { queryReads } from './query-reads'

export function queryRunEndpoints(services: Services) {
  const { queries } = services.config
  return [
    serve(services, getQueryServer, async () => ({
      isEnabled: queries.processes > 0,
      maxLoadBytes: maxLoadBytes(queries),
      maxSeconds: queries.seconds,
    })),
    serveQuery(services, runQueryOnServer, createApiFetch(queryReads(services))),
  ]
}
