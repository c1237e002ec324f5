import 'server-only'
import type { SearchIndex } from '@/lib/contract/search'
import { actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import { isIndexOf, readIndexedCatalogs } from '@/server/db/search/indexed-catalogs'
import { countIndexedTables } from '@/server/db/search/indexed-objects'
import type { Services } from '@/server/services'
import { findLastCrawl } from './crawl-queue'

/** The index's content for each catalog, and the end of its last crawl, for admins. */
export async function readIndexStates({
  catalogs,
  database,
}: Pick<Services, 'catalogs' | 'database'>): Promise<SearchIndex[]> {
  const [sources, indexedCatalogs, counts] = await Promise.all([
    catalogs.listSearchSources(actorFor(CONSOLE)),
    readIndexedCatalogs(database),
    countIndexedTables(database),
  ])
  const indexed = new Map(indexedCatalogs.map((one) => [one.catalog, one]))
  return Promise.all(
    sources.map(async ({ catalog, source, reader }): Promise<SearchIndex> => {
      const stored = indexed.get(catalog)
      const own = stored && isIndexOf(stored, source) && reader !== 'none' ? stored : null
      const run = await findLastCrawl(database, catalog)
      return {
        catalog,
        reader,
        tableCount: reader === 'none' ? 0 : (counts.get(catalog) ?? 0),
        crawledAtMs: own?.crawledAtMs ?? null,
        isTruncated: own?.isTruncated ?? false,
        lastRun: run && { runId: run.id, state: run.state, failure: run.error?.detail ?? null },
      }
    }),
  )
}
