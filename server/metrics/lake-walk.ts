import 'server-only'
import type { Namespace, TableRef } from '@/lib/iceberg/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import { catalogNames, openCatalog } from '@/server/catalog/open-catalog'

/** A lake larger than this is looked at in part, and every answer made from it says so. */
const MAX_NAMESPACES = 5_000
const MAX_TABLES = 20_000
const MAX_VIEWS = 20_000

export type Lake = {
  catalogs: CatalogClient[]
  namespaces: { catalog: string; namespace: Namespace }[]
  tables: TableRef[]
  /** Only where they are asked for: with other catalogs every list is a request. */
  views: TableRef[]
  /** Whether a limit was reached and more is there. */
  isCut: boolean
}

/** Every namespace and table of every catalog that the actor's grants reach, top down, in name order. Names only. */
export async function walkLake(
  actor: Actor,
  { signal, withViews = false }: { signal: AbortSignal; withViews?: boolean },
): Promise<Lake> {
  const catalogs = await Promise.all(catalogNames(actor).map((name) => openCatalog(name, actor)))
  const lake: Lake = { catalogs, namespaces: [], tables: [], views: [], isCut: false }
  for (const catalog of catalogs) {
    const toVisit: Namespace[] = await catalog.listNamespaces(null, { signal })
    for (let namespace = toVisit.shift(); namespace !== undefined; namespace = toVisit.shift()) {
      const { namespaces, tables, views } = lake
      if (namespaces.length >= MAX_NAMESPACES || tables.length >= MAX_TABLES || views.length >= MAX_VIEWS) {
        return { ...lake, isCut: true }
      }
      lake.namespaces.push({ catalog: catalog.name, namespace })
      lake.tables.push(...(await catalog.listTables(namespace, { signal })))
      if (withViews) lake.views.push(...(await catalog.listViews(namespace, { signal })))
      toVisit.unshift(...(await catalog.listNamespaces(namespace, { signal })))
    }
  }
  return lake
}
