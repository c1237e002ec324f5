import 'server-only'
import { indexCatalog, listSearchIndexes, searchEverything, searchLake } from '@/lib/contract/search'
import { listFacetEntries, listFacets } from '@/lib/contract/facets'
import { AppError } from '@/lib/errors'
import { serve } from '@/server/http/serve'
import { queueCrawl } from '@/server/search/crawl-queue'
import { listFacetEntries as findFacetEntries, listFacets as findFacets } from '@/server/search/facets'
import { findQueries } from '@/server/search/found-queries'
import { readIndexStates } from '@/server/search/index-states'
import { searchEverything as searchAll, searchNames } from '@/server/search/search-lake'
import type { Services } from '@/server/services'

export function searchEndpoints(services: Services) {
  return [
    serve(services, searchLake, ({ query }, { actor, signal, requestId }) =>
      searchNames(services, actor, query, { signal, requestId }),
    ),
    serve(services, searchEverything, async ({ query }, { actor, signal, requestId }) => {
      const [found, queries] = await Promise.all([
        searchAll(services, actor, query, { signal, requestId }),
        findQueries(services, actor, query),
      ])
      return { ...found, queries }
    }),
    serve(services, listFacets, ({ kind, search }, { actor }) => findFacets(services, actor, kind, search)),
    serve(services, listFacetEntries, (requested, { actor, signal, requestId }) =>
      findFacetEntries(services, actor, requested, { signal, requestId }),
    ),
    serve(services, listSearchIndexes, async () => ({ indexes: await readIndexStates(services) })),
    serve(services, indexCatalog, async ({ catalog }, { actor }) => {
      const sources = await services.catalogs.listSearchSources(actor)
      const source = sources.find((one) => one.catalog === catalog)
      if (!source) throw new AppError('not-found', `There is no catalog named ${catalog} that you may see.`)
      if (source.reader === 'none') {
        throw new AppError(
          'not-supported',
          `Each user sees ${catalog} with their own credentials. Give its connection credentials for search first.`,
        )
      }
      const { userId, username, role } = actor
      return { runId: await queueCrawl(services, source, { userId, username, role }) }
    }),
  ]
}
