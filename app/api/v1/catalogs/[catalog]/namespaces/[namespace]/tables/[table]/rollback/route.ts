import { previewRollback, rollBack } from '@/lib/contract/snapshots'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { commitRollback, rollbackImpact } from '@/server/table/rollback'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(previewRollback, async (input, { actor, signal }) => {
  const catalog = await openCatalog(input.catalog, actor)
  const table = await catalog.loadTable(input, { signal })
  const { safetyTagName: name, safetyTagMaxRefAgeMs: maxRefAgeMs = null } = input
  const safetyTag = name === undefined ? null : { name, maxRefAgeMs }
  return rollbackImpact(table, input.toSnapshotId, { catalog, store: table.store, safetyTag, signal })
})

export const POST = serve(rollBack, async (input, asked) => commitRollback(input, asked))
export const { PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET', 'POST')
