import 'server-only'
import { actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import { ENDED_STATES } from '@/lib/contract/shapes/plain-values'
import type { SearchSource } from '@/server/catalog/catalogs'
import type { Database } from '@/server/db/database'
import { isIndexOf, readIndexedCatalogs, removeIndexedCatalog } from '@/server/db/search/indexed-catalogs'
import type { RunActor } from '@/server/db/jobs/task-columns'
import { listRuns, queueRun, type Run } from '@/server/db/jobs/runs'
import { nightlySchedule, type NightlySchedule } from '@/server/jobs/nightly-schedule'
import type { Services } from '@/server/services'

/** Runs that read a catalog for the search index. */

export const INDEX_CATALOG = 'index-catalog'
export const INDEX_LAKE = 'index-lake'

type QueueServices = Pick<Services, 'catalogs' | 'database'>

/** Queues a crawl, unless one of the catalog is queued or running. @returns the id of that run */
export async function queueCrawl(
  { database }: Pick<QueueServices, 'database'>,
  { catalog, source }: Pick<SearchSource, 'catalog' | 'source'>,
  actor: RunActor,
): Promise<string> {
  const exclusiveKey = keyOf(catalog)
  const runs = await listRuns(database, { exclusiveKey, limit: 10 })
  const open = runs.find(({ state }) => !ENDED_STATES.some((ended) => ended === state))
  if (open) return open.id
  return queueRun(database, {
    kind: INDEX_CATALOG,
    title: `Index ${catalog} for search`,
    spec: { catalog, source },
    actor,
    table: null,
    exclusiveKey,
  })
}

/**
 * Queues crawls of catalogs that were never read with their current connection, and removes deleted catalogs from the
 * index.
 */
export async function queueDueCrawls(services: QueueServices): Promise<void> {
  const sources = await services.catalogs.listSearchSources(actorFor(CONSOLE))
  const indexed = new Map((await readIndexedCatalogs(services.database)).map((one) => [one.catalog, one]))
  for (const one of sources) {
    const stored = indexed.get(one.catalog)
    if (one.isPersonal || stored?.source === one.source) continue
    if (stored && !isIndexOf(stored, one.source)) await removeIndexedCatalog(services.database, one.catalog)
    if (!(await hasFailed(services, one))) await queueCrawl(services, one, CONSOLE)
  }
  const names = new Set(sources.filter(({ isPersonal }) => !isPersonal).map(({ catalog }) => catalog))
  const missing = [...indexed.keys()].filter((catalog) => !names.has(catalog))
  for (const catalog of missing) await removeIndexedCatalog(services.database, catalog)
}

/** After a crawl with the catalog's current connection has failed, the schedule decides about the next one. */
async function hasFailed({ database }: QueueServices, { catalog, source }: SearchSource): Promise<boolean> {
  const last = await findLastCrawl(database, catalog)
  const hasEndedWithout = last?.state === 'failed' || last?.state === 'cancelled'
  return hasEndedWithout && last.spec['source'] === source
}

export async function findLastCrawl(database: Database, catalog: string): Promise<Run | null> {
  const [last] = await listRuns(database, { exclusiveKey: keyOf(catalog), limit: 1 })
  return last ?? null
}

function keyOf(catalog: string): string {
  return `${INDEX_CATALOG} ${catalog}`
}

export function indexLakeSchedule(nowMs: number, random: number): NightlySchedule {
  return nightlySchedule({ kind: INDEX_LAKE, title: 'Index all catalogs for search' }, nowMs, random)
}
