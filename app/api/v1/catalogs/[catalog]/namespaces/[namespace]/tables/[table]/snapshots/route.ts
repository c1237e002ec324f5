import { listSnapshots } from '@/lib/contract/snapshots'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { pageOfSnapshots } from '@/server/table/snapshot-list'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(listSnapshots, async (input, { actor, signal }) => {
  const catalog = await openCatalog(input.catalog, actor)
  const { metadata } = await catalog.loadTable(input, { signal })
  return pageOfSnapshots(metadata, input.offset ?? 0)
})
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
