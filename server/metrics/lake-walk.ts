import 'server-only'
import type { UnreachableCatalog } from '@/lib/contract/lake'
import type { Namespace, TableRef } from '@/lib/iceberg/identifiers'
import { inParallel } from '@/lib/in-parallel'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import type { Services } from '@/server/services'
import { Patience } from './patience'
import { problemOf } from './problem-of'

/** A lake larger than this is looked at in part, and every answer made from it says so. */
const MAX_NAMESPACES = 5_000
const MAX_TABLES = 20_000
const MAX_VIEWS = 20_000
const AT_A_TIME = 8

export type Lake = {
  catalogs: CatalogClient[]
  namespaces: { catalog: string; namespace: Namespace }[]
  tables: TableRef[]
  /** Only where they are asked for: with other catalogs every list is a request. */
  views: TableRef[]
  /** Catalogs that could not be read, or not to their end in time; what was read of them before is in the lists. */
  unreachable: UnreachableCatalog[]
  /** Whether a limit was reached and more is there. */
  isCut: boolean
  /** What is left of the time for each catalog. */
  patience: Patience
}

type Asking = {
  signal: AbortSignal
  requestId: string
  withViews?: boolean
  /** The one catalog that is asked about. */
  only?: string | undefined
}

/**
 * Every namespace and table of every catalog that the actor's grants reach, catalog by catalog, top down, in name
 * order. Names only. A catalog that fails takes nothing from the others.
 */
export async function walkLake(
  services: Pick<Services, 'catalogs' | 'log'>,
  actor: Actor,
  asking: Asking,
): Promise<Lake> {
  const { only } = asking
  const patience = new Patience(asking.signal)
  const names = (await services.catalogs.names(actor)).filter((name) => only === undefined || name === only)
  const walked = await Promise.all(names.map((name) => walkCatalog(services, name, actor, { ...asking, patience })))
  const namespaces = walked.flatMap((walk) => walk.namespaces)
  const tables = walked.flatMap((walk) => walk.tables)
  const views = walked.flatMap((walk) => walk.views)
  return {
    catalogs: walked.flatMap(({ catalog }) => (catalog === null ? [] : [catalog])),
    namespaces: namespaces.slice(0, MAX_NAMESPACES),
    tables: tables.slice(0, MAX_TABLES),
    views: views.slice(0, MAX_VIEWS),
    unreachable: walked.flatMap((walk) => walk.unreachable),
    isCut:
      walked.some((walk) => walk.isCut) ||
      namespaces.length > MAX_NAMESPACES ||
      tables.length > MAX_TABLES ||
      views.length > MAX_VIEWS,
    patience,
  }
}

type Walk = Omit<Lake, 'catalogs' | 'patience'> & { catalog: CatalogClient | null }

async function walkCatalog(
  services: Pick<Services, 'catalogs' | 'log'>,
  name: string,
  actor: Actor,
  asking: Asking & { patience: Patience },
): Promise<Walk> {
  const walk: Walk = { catalog: null, namespaces: [], tables: [], views: [], unreachable: [], isCut: false }
  try {
    const catalog = await services.catalogs.open(name, actor)
    walk.catalog = catalog
    await asking.patience.spend(catalog, (signal) => addNamespaces(catalog, walk, { ...asking, signal }))
  } catch (error) {
    walk.unreachable.push({ catalog: name, ...problemOf(services.log, error, asking) })
  }
  walk.namespaces.sort((a, b) => compareLevels(a.namespace, b.namespace))
  // Stable: those of one namespace stay in their order.
  walk.tables.sort((a, b) => compareLevels(a.namespace, b.namespace))
  walk.views.sort((a, b) => compareLevels(a.namespace, b.namespace))
  return walk
}

/** Level by level, so that one slow answer does not wait for another. */
async function addNamespaces(catalog: CatalogClient, walk: Walk, { signal, withViews = false }: Asking): Promise<void> {
  let level = await catalog.listNamespaces(null, { signal })
  while (level.length > 0) {
    const children = await inParallel(level, AT_A_TIME, async (namespace) => {
      const isFull = walk.tables.length >= MAX_TABLES || walk.views.length >= MAX_VIEWS
      if (isFull || walk.namespaces.length >= MAX_NAMESPACES) {
        walk.isCut = true
        return []
      }
      walk.namespaces.push({ catalog: catalog.name, namespace })
      const [tables, views, inside] = await Promise.all([
        catalog.listTables(namespace, { signal }),
        withViews ? catalog.listViews(namespace, { signal }) : [],
        catalog.listNamespaces(namespace, { signal }),
      ])
      walk.tables.push(...tables)
      walk.views.push(...views)
      return inside
    })
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
