import 'server-only'
import * as z from 'zod'
import type { DraftCheckResult, runDraftCheck } from '@/lib/contract/table/publications'
import { AppError } from '@/lib/errors'
import type { LakeAccess } from '@/server/engines/sql-engine'
import type { Services } from '@/server/services'
import { runCheck } from '@/server/table/checks/check-run'
import { snapshotById } from '@/server/table/commit/snapshot-files'
import type { ApiFetch } from './api-fetch'
import { handleRequest, type RequestContext, type ServedEndpoint } from './handle-request'

type Input = z.output<typeof runDraftCheck.input>

/** Less than proxies usually wait for a response. A run of saved checks has the limit of the engine. */
const MAX_SECONDS = 45

/** Serves the result of a check that is not saved yet, on a snapshot, as the user who writes it. */
export function serveDraftCheck(
  services: Services,
  endpoint: typeof runDraftCheck,
  apiFetch: ApiFetch,
): ServedEndpoint {
  return {
    endpoint,
    handle: (request, context) =>
      handleRequest(services, endpoint, request, context, async (input, requestContext) => {
        const result = await runDraft(services, input, requestContext, (read, signal) =>
          apiFetch(request, read, signal),
        )
        return Response.json(z.encode(endpoint.output, result))
      }),
  }
}

async function runDraft(
  { catalogs, queryRuns, sqlEngine, stopping }: Services,
  { sql, snapshotId, ...table }: Input,
  { actor, session, signal: requestSignal }: RequestContext,
  read: LakeAccess['read'],
): Promise<DraftCheckResult> {
  if (sqlEngine === null)
    throw new AppError(
      'not-supported',
      'This server runs no queries, so it cannot run checks. An operator can allow queries.',
    )
  const signal = AbortSignal.any([requestSignal, stopping])
  const catalog = await catalogs.open(table.catalog, actor)
  const { metadata, requireReadable } = await catalog.loadTable(table, { signal })
  requireReadable?.()
  snapshotById(metadata, snapshotId)
  const connections = await catalogs.listNames(actor)
  const release = await queryRuns.acquireSoon(session.userId, signal)
  try {
    const { state, rowCount, isTruncated, columns, rows, message, durationMs } = await runCheck(
      sqlEngine,
      { name: 'draft', sql },
      { table, snapshotId, connections, signal, read, maxSeconds: MAX_SECONDS },
    )
    return { state, rowCount, isTruncated, columns, rows, message, durationMs }
  } finally {
    release()
  }
}
