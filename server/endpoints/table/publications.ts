import 'server-only'
import { listPublications, publish, runDraftCheck, startChecks } from '@/lib/contract/table/publications'
import { AppError } from '@/lib/errors'
import { createApiFetch } from '@/server/http/api-fetch'
import { serve } from '@/server/http/serve'
import { serveDraftCheck } from '@/server/http/serve-draft-check'
import { serveTable } from '@/server/http/serve-table'
import { buildWireRun } from '@/server/jobs/run-view'
import type { Services } from '@/server/services'
import { queueChecks } from '@/server/table/checks/queued-checks'
import { readPublications } from '@/server/table/publishing/publications'
import { queryReads } from '../query-reads'
import { publishAction } from '@/server/changes/actions/publish'
import { carryOut } from '@/server/changes/pipeline/carry-out'

export function publicationEndpoints(services: Services) {
  const { catalogs, config, database } = services
  return [
    serveTable(services, listPublications, async (table, { snapshotId }, { actor, signal }) =>
      readPublications(services, table, { snapshotId, actor, signal }),
    ),
    serve(services, startChecks, async ({ snapshotId, ...identifier }, { actor, signal, requestId }) => {
      if (config.queries.processes === 0)
        throw new AppError(
          'not-supported',
          'This server runs no queries, so it cannot run checks. An operator can allow queries.',
        )
      const catalog = await catalogs.open(identifier.catalog, actor)
      const table = await catalog.loadTable(identifier, { signal })
      table.requireReadable?.()
      const run = await queueChecks(database, table, snapshotId, actor, requestId)
      return { run: await buildWireRun(database, run, actor) }
    }),
    serveDraftCheck(services, runDraftCheck, createApiFetch(queryReads(services))),
    serve(services, publish, async ({ snapshotId, branch, mainSnapshotId, idempotencyKey, ...on }, context) => {
      const requested = { on, input: { snapshotId, branch, mainSnapshotId } }
      const request = { ...context, idempotencyKey }
      const { auditId, table } = await carryOut(services, publishAction, requested, request)
      return { auditId, metadataLocation: table.metadataLocation }
    }),
  ]
}
