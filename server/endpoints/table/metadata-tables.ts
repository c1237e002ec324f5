import 'server-only'
import { getMetadataTable, readMetadataRows } from '@/lib/contract/table/metadata-tables'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { handleRequest, type ServedEndpoint } from '@/server/http/handle-request'
import { problemResponse } from '@/server/http/problem-response'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { mayReadAs } from '@/server/table/hidden-names'
import { loadTableOrExplain } from '@/server/table/load-table'
import { describeMetadataTable, openMetadataRows } from '@/server/table/metadata-tables/metadata-table-state'
import { streamMetadataRows } from '@/server/table/metadata-tables/stream-metadata-rows'

export function metadataTableEndpoints(services: Services): ServedEndpoint[] {
  return [
    serve(services, getMetadataTable, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await loadTableOrExplain(catalog, input, actor, signal)
      return await describeMetadataTable(services, table, {
        ...input,
        asOf: asOfFromInput(input),
        mayRead: mayReadAs(actor),
        signal,
      })
    }),
    {
      endpoint: readMetadataRows,
      handle: (request, context) =>
        handleRequest(services, readMetadataRows, request, context, async (input, requestContext) => {
          const { actor, requestId, session } = requestContext
          const stop = new AbortController()
          const signal = AbortSignal.any([requestContext.signal, stop.signal])
          const catalog = await services.catalogs.open(input.catalog, actor)
          const table = await catalog.loadTable(input, { signal })
          const rows = await openMetadataRows(services, table, { ...input, mayRead: mayReadAs(actor), signal })
          const headers = { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' }
          if (request.method === 'HEAD') return new Response(null, { headers })
          const endpoint = `${readMetadataRows.method} ${readMetadataRows.path}`
          const failure = { requestId, endpoint, userId: session.userId, signal }
          const body = streamMetadataRows(rows, {
            takeTurns: services.manifestCache.takeTurns,
            toProblem: async (error) => await problemResponse(services.log, error, failure).json(),
            stop: () => stop.abort(),
            signal,
          })
          return new Response(body, { headers })
        }),
    },
  ]
}
