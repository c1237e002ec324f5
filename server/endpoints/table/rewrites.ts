import 'server-only'
import { getRewrite, getRewritePreview, startRewrite } from '@/lib/contract/table/rewrites'
import { serve } from '@/server/http/serve'
import { buildWireRun } from '@/server/jobs/run-view'
import { readRewritePreview } from '@/server/maintenance/rewrite-files/rewrite-preview'
import { queueRewrite, readNewestRewrite } from '@/server/maintenance/rewrite-files/rewrite-task'
import type { Services } from '@/server/services'
import { requireNoPolicy } from '@/server/policy/demanded-proposal'

export function rewriteEndpoints(services: Services) {
  const { catalogs, database } = services
  return [
    serve(services, getRewritePreview, async (input, { actor, signal }) => {
      const catalog = await catalogs.open(input.catalog, actor)
      const preview = await readRewritePreview(services, await catalog.loadTable(input, { signal }), signal)
      return { ...preview, storagePrice: services.config.storagePrice }
    }),
    serve(services, startRewrite, async (input, { actor, signal, requestId }) => {
      const catalog = await catalogs.open(input.catalog, actor)
      await requireNoPolicy(database, input, 'A rewrite of files')
      const run = await queueRewrite(database, await catalog.loadTable(input, { signal }), actor, requestId)
      return { run: await buildWireRun(database, run, actor) }
    }),
    serve(services, getRewrite, async (input, { actor, signal }) => {
      const catalog = await catalogs.open(input.catalog, actor)
      const run = await readNewestRewrite(database, await catalog.loadTable(input, { signal }))
      return { run: run && (await buildWireRun(database, run, actor)) }
    }),
  ]
}
