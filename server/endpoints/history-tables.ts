import 'server-only'
import { getHistoryTable, readHistoryRows } from '@/lib/contract/facts/history-tables'
import { handleRequest, type ServedEndpoint } from '@/server/http/handle-request'
import { problemResponse } from '@/server/http/problem-response'
import { serve } from '@/server/http/serve'
import { describeHistoryTable, readHistoryTable } from '@/server/metrics/facts/history-table'
import type { Services } from '@/server/services'
import { streamMetadataRows } from '@/server/table/metadata-tables/stream-metadata-rows'

export function historyTableEndpoints(services: Services): ServedEndpoint[] {
  return [
    serve(services, getHistoryTable, (input, { actor }) => describeHistoryTable(services, actor, input)),
    {
      endpoint: readHistoryRows,
      handle: (request, context) =>
        handleRequest(services, readHistoryRows, request, context, async (input, requestContext) => {
          const { actor, requestId, session, signal } = requestContext
          const headers = { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' }
          if (request.method === 'HEAD') return new Response(null, { headers })
          const { fields, rows, next } = await readHistoryTable(services, actor, input)
          const endpoint = `${readHistoryRows.method} ${readHistoryRows.path}`
          const failure = { requestId, endpoint, userId: session.userId, signal }
          const read = async function* () {
            yield* rows
          }
          const body = streamMetadataRows(
            { fields, read, next },
            {
              takeTurns: services.manifestCache.takeTurns,
              toProblem: async (error) => await problemResponse(services.log, error, failure).json(),
              stop: () => {},
              signal,
            },
          )
          return new Response(body, { headers })
        }),
    },
  ]
}
