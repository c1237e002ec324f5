import 'server-only'
import { getRewrite, getRewritePreview, startRewrite } from '@/lib/contract/table/rewrites'
import { serve } from '@/server/http/serve'
import { serveTable } from '@/server/http/serve-table'
import { buildWireRun } from '@/server/jobs/run-view'
import { readRewritePreview } from '@/server/maintenance/rewrite-files/rewrite-preview'
import { queueRewrite, readNewestRewrite } from '@/server/maintenance/rewrite-files/rewrite-task'
import type { Services } from '@/server/services'
import { requireNoPolicy } from '@/server/policy/demanded-proposal'

export function rewriteEndpoints(services: Services) {
  const { catalogs, database } = services
  return [
    serveTable(services, getRewritePreview, async (table, _input, { signal }) => ({
      ...(await readRewritePreview(services, table, signal)),
      storagePrice: services.config.storagePrice,
    })),
    serve(services, startRewrite, async (input, { actor, signal, requestId }) => {
      const catalog = await catalogs.open(input.catalog, actor)
      await requireNoPolicy(database, input, 'A rewrite of files')
      const run = await queueRewrite(database, await catalog.loadTable(input, { signal }), actor, requestId)
      return { run: await buildWireRun(database, run, actor) }
    }),
    serveTable(services, getRewrite, async (table, _input, { actor }) => {
      const run = await readNewestRewrite(database, table)
      return { run: run && (await buildWireRun(database, run, actor)) }
    }),
  ]
}
