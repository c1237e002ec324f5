import 'server-only'
import { getQueryServer, runQueryOnServer } from '@/lib/contract/query-runs'
import { createApiFetch } from '@/server/http/api-fetch'
import { serve } from '@/server/http/serve'
import { serveQuery } from '@/server/http/serve-query'
import type { SqlEngine } from '@/server/engines/sql-engine'
import type { Services } from '@/server/services'
import { queryReads } from './query-reads'

export function queryRunEndpoints(services: Services) {
  const { sqlEngine } = services
  return [
    serve(services, getQueryServer, async () => ({ isEnabled: sqlEngine !== null, limits: toLimits(sqlEngine) })),
    serveQuery(services, runQueryOnServer, createApiFetch(queryReads(services))),
  ]
}

function toLimits(engine: SqlEngine | null) {
  if (engine === null) return null
  const { maxLoadBytes, maxSeconds } = engine.capabilities
  return { maxLoadBytes, maxSeconds }
}
