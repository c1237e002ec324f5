import 'server-only'
import type { Services } from '@/server/services'
import { getView, listViews } from '@/lib/contract/views'
import { serve } from '@/server/http/serve'
import { pageOf } from '@/server/metrics/page-of'
import { describeView } from '@/server/view/describe'

const PAGE_LENGTH = 1000

export function viewEndpoints(services: Services) {
  return [
    serve(services, getView, async ({ catalog: name, namespace, view }, { actor, signal }) => {
      const catalog = await services.catalogs.open(name, actor)
      const loaded = await catalog.loadView({ catalog: name, namespace, table: view }, { signal })
      return { catalogKind: catalog.kind, ...describeView(services.keys, loaded) }
    }),
    serve(services, listViews, async ({ catalog, namespace, offset }, { actor, signal }) => {
      const views = await (await services.catalogs.open(catalog, actor)).listViews(namespace, { signal })
      const { items, ...page } = pageOf(views, offset ?? 0, PAGE_LENGTH)
      return { ...page, views: items.map(({ table }) => table) }
    }),
  ]
}
