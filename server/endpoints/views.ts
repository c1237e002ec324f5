import 'server-only'
import { getView, listViews } from '@/lib/contract/views'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { pageOf } from '@/server/metrics/page-of'
import { describeView } from '@/server/view/describe'

const PAGE_LENGTH = 1000

export const viewEndpoints = [
  serve(getView, async ({ catalog: name, namespace, view }, { actor, signal }) => {
    const catalog = await openCatalog(name, actor)
    const loaded = await catalog.loadView({ catalog: name, namespace, table: view }, { signal })
    return { catalogKind: catalog.kind, ...describeView(loaded) }
  }),
  serve(listViews, async ({ catalog, namespace, offset }, { actor, signal }) => {
    const views = await (await openCatalog(catalog, actor)).listViews(namespace, { signal })
    const { items, ...page } = pageOf(views, offset ?? 0, PAGE_LENGTH)
    return { ...page, views: items.map(({ table }) => table) }
  }),
]
