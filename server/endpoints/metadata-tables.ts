import 'server-only'
import { getMetadataTable, readMetadataRows } from '@/lib/contract/metadata-tables'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { handleRequest, type ServedEndpoint } from '@/server/http/handle-request'
import { problemResponse } from '@/server/http/problem-response'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { loadTableOrExplain } from '@/server/table/load-table'
import { describeMetadataTable, openMetadataRows } from '@/server/table/metadata-tables/metadata-table-state'
import { streamMetadataRows } from '@/server/table/metadata-tables/stream-metadata-rows'

export function metadataTableEndpoints(services: Services): ServedEndpoint[] {
  return [
    serve(services, getMetadataTable, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await loadTableOrExplain(catalog, input, actor, signal)
      return await describeMetadataTable(services, table, { ...input, asOf: asOfFromInput(input), signal })
    }),
    {
      endpoint: readMetadataRows,
      handle: (request, context) =>
        handleRequest(services, readMetadataRows, request, context, async (input, { actor, requestId, session }) => {
          // Ends with the response, not with the request: rows are computed while they are sent.
          const stop = new AbortController()
          const catalog = await services.catalogs.open(input.catalog, actor)
          const table = await catalog.loadTable(input, { signal: stop.signal })
          const rows = await openMetadataRows(services, table, { ...input, signal: stop.signal })
          const toProblem = async (error: unknown) => {
            const endpoint = `${readMetadataRows.method} ${readMetadataRows.path}`
            const failure = { requestId, endpoint, userId: session.userId, signal: request.signal }
            return await problemResponse(services.log, error, failure).json()
          }
          const headers = { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' }
          if (request.method === 'HEAD') return new Response(null, { headers })
          const { takeTurns } = services.manifestCache
          return new Response(streamMetadataRows(rows, { takeTurns, toProblem, stop }), { headers })
        }),
    },
  ]
}
