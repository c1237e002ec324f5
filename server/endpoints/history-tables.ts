import 'server-only'
import { getHistoryTable, readHistoryRows } from '@/lib/contract/facts/history-tables'
import type { Predicate } from '@/lib/scan/predicate/predicate'
import { parsePredicateJson } from '@/lib/scan/predicate/predicate-json'
import { handleRequest, type ServedEndpoint } from '@/server/http/handle-request'
import { problemResponse } from '@/server/http/problem-response'
import { serve } from '@/server/http/serve'
import { describeHistoryTable, readHistoryTable } from '@/server/metrics/facts/history-table'
import type { Services } from '@/server/services'
import { parseWhere } from '@/server/table/scan/scan-filter'
import { streamMetadataRows } from '@/server/table/metadata-tables/stream-metadata-rows'

export function historyTableEndpoints(services: Services): ServedEndpoint[] {
  return [
    serve(services, getHistoryTable, ({ where, ...input }, { actor }) =>
      describeHistoryTable(services, actor, { ...input, predicate: toPredicate(where) }),
    ),
    {
      endpoint: readHistoryRows,
      handle: (request, context) =>
        handleRequest(services, readHistoryRows, request, context, async ({ where, ...input }, requestContext) => {
          const { actor, requestId, session, signal } = requestContext
          const headers = { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' }
          if (request.method === 'HEAD') return new Response(null, { headers })
          const { fields, rows, next } = await readHistoryTable(services, actor, {
            ...input,
            predicate: toPredicate(where),
          })
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

function toPredicate(where: string | undefined): Predicate | null {
  return where === undefined ? null : parsePredicateJson(parseWhere(where))
}
