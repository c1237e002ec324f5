import 'server-only'
import type { UnreachableCatalog } from '@/lib/contract/shapes/lake'
import type { Namespace, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import pMap from 'p-map'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { TimeBudget } from './time-budget'
import { toProblem } from './to-problem'

/** In a larger lake the walk stops here, and every answer based on it reports that. */
const MAX_NAMESPACES = 5_000
const MAX_TABLES = 20_000
const MAX_VIEWS = 20_000
const CONCURRENCY = 8

export type Lake = {
  catalogs: CatalogClient[]
  namespaces: { catalog: string; namespace: Namespace }[]
  tables: TableIdentifier[]
  /** Only on request: with other catalogs every list is a network request. */
  views: ViewIdentifier[]
  /** Catalogs that could not be read, or not completely in time. The lists have the part that was read. */
  unreachable: UnreachableCatalog[]
  /** Whether a limit was reached before the end. */
  isTruncated: boolean
  /** The rest of the time budget of each catalog. */
  budget: TimeBudget
}

type WalkOptions = {
  signal: AbortSignal
  requestId: string
  withViews?: boolean
  /** Restricts the walk to this catalog. */
  onlyCatalog?: string | undefined
  /** Restricts the walk to these catalogs. */
  onlyCatalogs?: readonly string[]
}

/**
 * Every namespace and table in every catalog that the actor's grants cover, catalog by catalog, top down, ordered by
 * name. Reads names only. A failing catalog does not affect the others.
 */
export async function walkLake(
  services: Pick<MetricsServices, 'catalogs' | 'log'>,
  actor: Actor,
  options: WalkOptions,
): Promise<Lake> {
  const { onlyCatalog, onlyCatalogs } = options
  const budget = new TimeBudget(options.signal)
  const names = (await services.catalogs.listNames(actor)).filter(
    (name) =>
      (onlyCatalog === undefined || name === onlyCatalog) &&
      (onlyCatalogs === undefined || onlyCatalogs.includes(name)),
  )
  const walks = await Promise.all(names.map((name) => walkCatalog(services, name, actor, { ...options, budget })))
  const namespaces = walks.flatMap((walk) => walk.namespaces)
  const tables = walks.flatMap((walk) => walk.tables)
  const views = walks.flatMap((walk) => walk.views)
  return {
    catalogs: walks.flatMap(({ catalog }) => (catalog === null ? [] : [catalog])),
    namespaces: namespaces.slice(0, MAX_NAMESPACES),
    tables: tables.slice(0, MAX_TABLES),
    views: views.slice(0, MAX_VIEWS),
    unreachable: walks.flatMap((walk) => walk.unreachable),
    isTruncated:
      walks.some((walk) => walk.isTruncated) ||
      namespaces.length > MAX_NAMESPACES ||
      tables.length > MAX_TABLES ||
      views.length > MAX_VIEWS,
    budget,
  }
}

type CatalogWalk = Omit<Lake, 'catalogs' | 'budget'> & { catalog: CatalogClient | null }

async function walkCatalog(
  services: Pick<MetricsServices, 'catalogs' | 'log'>,
  name: string,
  actor: Actor,
  options: WalkOptions & { budget: TimeBudget },
): Promise<CatalogWalk> {
  const walk: CatalogWalk = {
    catalog: null,
    namespaces: [],
    tables: [],
    views: [],
    unreachable: [],
    isTruncated: false,
  }
  try {
    const catalog = await services.catalogs.open(name, actor)
    walk.catalog = catalog
    await options.budget.spend(catalog, (signal) => addNamespaces(catalog, walk, { ...options, signal }))
  } catch (error) {
    walk.unreachable.push({ catalog: name, ...toProblem(services.log, error, options) })
  }
  walk.namespaces.sort((a, b) => compareLevels(a.namespace, b.namespace))
  // The sort is stable, so tables of one namespace keep their order.
  walk.tables.sort((a, b) => compareLevels(a.namespace, b.namespace))
  walk.views.sort((a, b) => compareLevels(a.namespace, b.namespace))
  return walk
}

/** Reads level by level, so that slow answers are waited for in parallel. */
async function addNamespaces(
  catalog: CatalogClient,
  walk: CatalogWalk,
  { signal, withViews = false }: WalkOptions,
): Promise<void> {
  let level = await catalog.listNamespaces(null, { signal })
  while (level.length > 0) {
    const children = await pMap(
      level,
      async (namespace) => {
        const isFull = walk.tables.length >= MAX_TABLES || walk.views.length >= MAX_VIEWS
        if (isFull || walk.namespaces.length >= MAX_NAMESPACES) {
          walk.isTruncated = true
          return []
        }
        walk.namespaces.push({ catalog: catalog.name, namespace })
        const [tables, views, childNamespaces] = await Promise.all([
          catalog.listTables(namespace, { signal }),
          withViews ? catalog.listViews(namespace, { signal }) : [],
          catalog.listNamespaces(namespace, { signal }),
        ])
        walk.tables.push(...tables)
        walk.views.push(...views)
        return childNamespaces
      },
      { concurrency: CONCURRENCY },
    )
    level = children.flat()
  }
}

function compareLevels(a: Namespace, b: Namespace): number {
  for (const [i, level] of a.entries()) {
    const other = b[i]
    if (other === undefined) return 1
    if (level !== other) return level < other ? -1 : 1
  }
  return a.length - b.length
}
