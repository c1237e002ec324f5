import 'server-only'
import {
  getExpiryCount,
  listExpiries,
  listExpiryFiles as listExpiryFilesEndpoint,
  previewExpiry,
  previewExpiryUndo,
  startExpiryCount,
  undoExpiry,
} from '@/lib/contract/table/expiry'
import { AppError } from '@/lib/errors'
import { isSameTable } from '@/lib/names/identifiers'
import { serve } from '@/server/http/serve'
import { serveTable } from '@/server/http/serve-table'
import { buildWireRun } from '@/server/jobs/run-view'
import type { Services } from '@/server/services'
import { listExpiryFiles } from '@/server/table/expiry/list-files'
import { readPendingExpiries } from '@/server/table/expiry/pending-expiries'
import { countedFiles, queueCount, requireCount } from '@/server/table/expiry/queued-counts'
import { expireAction } from '@/server/changes/actions/expire'
import { undoExpiryAction } from '@/server/changes/actions/undo-expiry'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { answerReview } from '@/server/changes/pipeline/review-action'

export function expiryEndpoints(services: Services) {
  const { catalogs, database } = services
  return [
    serve(services, previewExpiry, ({ catalog, namespace, table, ...choice }, context) =>
      answerReview(services, expireAction, { on: { catalog, namespace, table }, input: { choice } }, context),
    ),
    serve(services, listExpiryFilesEndpoint, async ({ catalog: name, namespace, table, ...criteria }, context) => {
      const { actor, signal } = context
      const catalog = await catalogs.open(name, actor)
      const loaded = await catalog.loadTable({ catalog: name, namespace, table }, { signal })
      return { list: await listExpiryFiles(catalog, loaded, criteria, signal) }
    }),
    serve(services, startExpiryCount, async ({ catalog: name, namespace, table, ...criteria }, { actor, signal }) => {
      const catalog = await catalogs.open(name, actor)
      const loaded = await catalog.loadTable({ catalog: name, namespace, table }, { signal })
      loaded.requireReadable?.()
      return { run: await buildWireRun(database, await queueCount(database, loaded, criteria, actor), actor) }
    }),
    serve(services, getExpiryCount, async ({ run: runId, ...identifier }, { actor }) => {
      const run = await requireCount(database, runId)
      if (run.table === null || !isSameTable(run.table, identifier))
        throw new AppError('not-found', `There is no run ${runId}.`)
      return { run: await buildWireRun(database, run, actor), ...countedFiles(run) }
    }),
    serveTable(services, listExpiries, async (table, _input, { catalog, actor, signal }) => ({
      expiries: await readPendingExpiries(database, catalog, table, { actor, signal }),
    })),
    serve(services, previewExpiryUndo, ({ auditId, ...on }, context) =>
      answerReview(services, undoExpiryAction, { on, input: { auditId, newName: undefined } }, context),
    ),
    serve(services, undoExpiry, async ({ auditId, newName, idempotencyKey, ...on }, context) => {
      const requested = { on, input: { auditId, newName } }
      const done = await carryOut(services, undoExpiryAction, requested, { ...context, idempotencyKey })
      return {
        auditId: done.auditId,
        table: done.table.identifier.table,
        metadataLocation: done.table.metadataLocation,
      }
    }),
  ]
}
