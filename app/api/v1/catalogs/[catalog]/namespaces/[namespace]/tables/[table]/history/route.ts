import { listHistory } from '@/lib/contract/history'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { historyOf } from '@/server/table/history'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(listHistory, async (input, { actor, signal }) => {
  const catalog = await openCatalog(input.catalog, actor)
  const { metadata } = await catalog.loadTable(input, { signal })
  return historyOf(metadata, input.before ?? null, actor)
})
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
