import 'server-only'
import { listSnapshots, previewRollback, rollBack } from '@/lib/contract/snapshots'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { commitRollback, rollbackImpact } from '@/server/table/rollback'
import { pageOfSnapshots } from '@/server/table/snapshot-list'

export const snapshotEndpoints = [
  serve(previewRollback, async (input, { actor, signal }) => {
    const catalog = await openCatalog(input.catalog, actor)
    const table = await catalog.loadTable(input, { signal })
    const { safetyTagName: name, safetyTagMaxRefAgeMs: maxRefAgeMs = null } = input
    const safetyTag = name === undefined ? null : { name, maxRefAgeMs }
    return rollbackImpact(table, input.toSnapshotId, { catalog, store: table.store, safetyTag, signal })
  }),
  serve(rollBack, async (input, asked) => commitRollback(input, asked)),
  serve(listSnapshots, async (input, { actor, signal }) => {
    const catalog = await openCatalog(input.catalog, actor)
    const { metadata } = await catalog.loadTable(input, { signal })
    return pageOfSnapshots(metadata, input.offset ?? 0)
  }),
]
