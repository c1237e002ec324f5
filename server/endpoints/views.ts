import 'server-only'
import { nameFilter } from '@/lib/search/name-filter'
import { getView, listViews } from '@/lib/contract/views'
import { countOpenProposals } from '@/server/db/catalog/proposals'
import { serve } from '@/server/http/serve'
import { slicePage } from '@/server/metrics/lake/slice-page'
import type { Services } from '@/server/services'
import { describeView } from '@/server/view/describe-view'

const PAGE_SIZE = 1000

/** The endpoints that read views. */
export function viewEndpoints(services: Services) {
  const { catalogs, database, keys } = services
  return [
    serve(services, getView, async ({ catalog: name, namespace, view }, { actor, signal }) => {
      const catalog = await catalogs.open(name, actor)
      const [loaded, abilities] = await Promise.all([
        catalog.loadView({ catalog: name, namespace, view }, { signal }),
        catalog.abilities({ signal }),
      ])
      const { viewUuid } = loaded.metadata
      const openProposalCount = await countOpenProposals(database, { catalog: name, tableUuid: viewUuid })
      return { catalogKind: catalog.kind, abilities: [...abilities], openProposalCount, ...describeView(keys, loaded) }
    }),
    serve(services, listViews, async ({ catalog, namespace, search = '', offset }, { actor, signal }) => {
      const views = await (await catalogs.open(catalog, actor)).listViews(namespace, { signal })
      const names = views.map(({ view }) => view).filter(nameFilter(search))
      const { items, ...page } = slicePage(names, offset ?? 0, PAGE_SIZE)
      return { ...page, views: items }
    }),
  ]
}
