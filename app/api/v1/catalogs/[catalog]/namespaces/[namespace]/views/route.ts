import { listViews } from '@/lib/contract/views'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { pageOf } from '@/server/metrics/page-of'
import { wrongMethod } from '@/server/http/wrong-method'

const PAGE_LENGTH = 1000

export const GET = serve(listViews, async ({ catalog, namespace, offset }, { actor, signal }) => {
  const views = await (await openCatalog(catalog, actor)).listViews(namespace, { signal })
  const { items, ...page } = pageOf(views, offset ?? 0, PAGE_LENGTH)
  return { ...page, views: items.map(({ table }) => table) }
})
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
