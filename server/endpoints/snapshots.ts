import 'server-only'
import { listSnapshots, previewRollback, rollBack } from '@/lib/contract/snapshots'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { commitRollback, readRollbackImpact } from '@/server/table/commit/rollback'
import { snapshotPage } from '@/server/table/snapshot-page'

export function snapshotEndpoints(services: Services) {
  const { catalogs, manifestCache } = services
  return [
    serve(services, previewRollback, async (input, { actor, signal }) => {
      const catalog = await catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      const { safetyTagName: name, safetyTagMaxRefAgeMs: maxRefAgeMs = null } = input
      const safetyTag = name === undefined ? null : { name, maxRefAgeMs }
      return readRollbackImpact(manifestCache, table, input.toSnapshotId, {
        catalog,
        store: table.store,
        safetyTag,
        signal,
      })
    }),
    serve(services, rollBack, async (input, context) => commitRollback(services, input, context)),
    serve(services, listSnapshots, async (input, { actor, signal }) => {
      const catalog = await catalogs.open(input.catalog, actor)
      const { metadata } = await catalog.loadTable(input, { signal })
      return snapshotPage(metadata, input.offset ?? 0, input.upTo ?? null)
    }),
  ]
}
